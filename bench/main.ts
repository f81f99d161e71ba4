/**
 * `make bench`: every figure that Berth claims, measured beside the peer and
 * the floor in one run. Prints one table and writes bench/out/results.json; a
 * narrowed run leaves the other figures there as they were.
 *
 * Arguments: names of measures that narrow the run, `--rounds N`, `--quick`,
 * `--peer NAME=COMMAND`.
 */
import { parseArgs } from 'node:util';
import { commandContender } from './contenders/command.ts';
import type { Figure } from './figure.ts';
import { project } from './ground.ts';
import { keepResults } from './keep-results.ts';
import type { Measure } from './measure.ts';
import { admissionCost } from './measures/admission-cost.ts';
import { allocator } from './measures/allocator.ts';
import { costBySize } from './measures/cost-by-size.ts';
import { createToAddress } from './measures/create-to-address.ts';
import { failover } from './measures/failover.ts';
import { falseFailovers } from './measures/false-failovers.ts';
import { ledgerProperties } from './measures/ledger-properties.ts';
import { membership } from './measures/membership.ts';
import { memory } from './measures/memory.ts';
import { needlessWrites } from './measures/needless-writes.ts';
import { oneService } from './measures/one-service.ts';
import { planCorpus } from './measures/plan-corpus.ts';
import { planEquivalence } from './measures/plan-equivalence.ts';
import { planSize } from './measures/plan-size.ts';
import { releaseToWaiter } from './measures/release-to-waiter.ts';
import { speakerCost } from './measures/speaker-cost.ts';
import { withoutApiserver } from './measures/without-apiserver.ts';
import { table } from './table.ts';

const measures: Readonly<Record<string, Measure>> = {
  allocator,
  'ledger-properties': ledgerProperties,
  'create-to-address': createToAddress,
  'one-service': oneService,
  'needless-writes': needlessWrites,
  'release-to-waiter': releaseToWaiter,
  'admission-cost': admissionCost,
  'cost-by-size': costBySize,
  memory,
  failover,
  'without-apiserver': withoutApiserver,
  'false-failovers': falseFailovers,
  membership,
  'speaker-cost': speakerCost,
  'plan-size': planSize,
  'plan-equivalence': planEquivalence,
  'plan-corpus': planCorpus,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
  },
});
const unknown = positionals.filter((name) => !(name in measures));
if (unknown.length > 0) {
  console.error(`bench: no measure is called ${unknown.join(' or ')}; there are ${Object.keys(measures).join(', ')}`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, measure] of Object.entries(measures)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.error(`bench: ${name}`);
  const options = { rounds: Number(values.rounds), quick: values.quick, peers: values.peer.map(commandContender) };
  figures.push(...(await measure(options)));
}
console.log(table(figures));
keepResults(`${project}bench/out/results.json`, figures);
