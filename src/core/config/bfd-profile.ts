/** BFDProfile: timers of the BFD session beside a BGP session (RFC 5880). Undefined: the engine's default. */
import { readMetadata } from './metadata.ts';
import { readSpec } from './read-spec.ts';
import type { Report } from './report.ts';

export interface BfdProfile {
  readonly name: string;
  readonly receiveIntervalMs: number | undefined;
  readonly transmitIntervalMs: number | undefined;
  readonly detectMultiplier: number | undefined;
  readonly echoIntervalMs: number | undefined;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number | undefined;
  readonly generation: number;
}

const FIELDS = [
  'receiveInterval',
  'transmitInterval',
  'detectMultiplier',
  'echoInterval',
  'echoMode',
  'passiveMode',
  'minimumTtl',
];

/** Reads a BFDProfile; undefined where the report gained an error. */
export function readBfdProfile(object: unknown, report: Report): BfdProfile | undefined {
  const before = report.errors;
  const metadata = readMetadata(object);
  const spec = readSpec(object, metadata, FIELDS, report);
  const profile: BfdProfile = {
    name: metadata.name,
    receiveIntervalMs: spec.integer('receiveInterval', 10, 60_000),
    transmitIntervalMs: spec.integer('transmitInterval', 10, 60_000),
    detectMultiplier: spec.integer('detectMultiplier', 2, 255),
    echoIntervalMs: spec.integer('echoInterval', 10, 60_000),
    echoMode: spec.boolean('echoMode', false),
    passiveMode: spec.boolean('passiveMode', false),
    minimumTtl: spec.integer('minimumTtl', 1, 254),
    generation: metadata.generation,
  };
  return report.errors === before ? profile : undefined;
}
