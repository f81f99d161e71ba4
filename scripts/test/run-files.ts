/** Runs test files with node's own runner and prints one line a file. */
import { relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What the runner counts, of one file or of all. */
interface Counts {
  readonly tests: number;
  readonly passed: number;
}

/** A hung file fails by itself, long before the job's own limit. */
const fileLimitMillis = 15 * 60_000;

/**
 * Each file runs in a process of its own, `concurrency` at once. Suites aren't
 * counted, their tests are; a file that dies before its first test counts as
 * one failure. What was skipped or left to do is a failure too: a green run
 * means that everything ran.
 */
export async function runFiles(files: readonly string[], concurrency: number): Promise<Tally> {
  let all: Tally = { passed: 0, failed: files.length };
  const stream = run({ files: [...files], concurrency, isolation: 'process', timeout: fileLimitMillis });
  stream.on('test:fail', (event) => {
    if (isOfItsChildren(event.details.error)) return;
    console.log(`FAIL  ${nameOf(event.file)}: ${event.name}`);
    console.log(indent(inspect(event.details.error?.cause ?? event.details.error, { depth: 4 })));
  });
  stream.on('test:pass', (event) => {
    if (event.skip !== undefined || event.todo !== undefined)
      console.log(`FAIL  ${nameOf(event.file)}: ${event.name} did not run`);
  });
  stream.on('test:stderr', (event) => process.stderr.write(event.message));
  stream.on('test:summary', (event) => {
    const tally = tallyOf(event.counts);
    if (event.file === undefined) {
      all = tally;
      return;
    }
    const seconds = (event.duration_ms / 1000).toFixed(1);
    const { passed, failed } = tally;
    console.log(
      `${failed ? 'FAIL ' : 'ok   '} ${nameOf(event.file)}  ${passed} passed, ${failed} failed  ${seconds} s`,
    );
  });
  for await (const _ of stream) {
    // Reading to the end is what drives the run.
  }
  return all;
}

function tallyOf(counts: Counts): Tally {
  return { passed: counts.passed, failed: counts.tests - counts.passed };
}

/** Of a suite, or of a file, in which something failed that was told already. */
function isOfItsChildren(error: unknown): boolean {
  return (error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed';
}

function nameOf(file: string | undefined): string {
  return file === undefined ? 'unknown file' : relative(process.cwd(), file);
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ');
}
