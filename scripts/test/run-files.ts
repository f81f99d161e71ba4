/** Runs test files with node's own runner and prints one line a file. */
import { relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

interface FileTally {
  passed: number;
  failed: number;
}

/** A hung file fails by itself, long before the job's own limit. */
const fileLimitMillis = 15 * 60_000;

/**
 * Each file runs in a process of its own, `concurrency` at once. Suites aren't
 * counted, their tests are; a file that dies before its first test counts as
 * one failure.
 */
export async function runFiles(files: readonly string[], concurrency: number): Promise<Tally> {
  const perFile = new Map<string, FileTally>();
  const of = (file: string | undefined): FileTally => {
    const name = relative(process.cwd(), file ?? 'unknown file');
    let found = perFile.get(name);
    if (!found) {
      found = { passed: 0, failed: 0 };
      perFile.set(name, found);
    }
    return found;
  };
  const stream = run({ files: [...files], concurrency, isolation: 'process', timeout: fileLimitMillis });
  stream.on('test:pass', (event) => {
    if (event.details.type !== 'suite' && !isFileItself(event)) of(event.file).passed += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type === 'suite' && !diedItself(event.details.error)) return;
    if (isFileItself(event) && of(event.file).failed > 0) return;
    of(event.file).failed += 1;
    console.log(`FAIL  ${relative(process.cwd(), event.file ?? '')}: ${event.name}`);
    console.log(indent(inspect(event.details.error?.cause ?? event.details.error, { depth: 4 })));
  });
  stream.on('test:stderr', (event) => process.stderr.write(event.message));
  stream.on('test:complete', (event) => {
    if (!isFileItself(event)) return;
    const { passed, failed } = of(event.file);
    const seconds = (event.details.duration_ms / 1000).toFixed(1);
    console.log(
      `${failed ? 'FAIL ' : 'ok   '} ${relative(process.cwd(), event.file ?? '')}  ${passed} passed, ${failed} failed  ${seconds} s`,
    );
  });
  for await (const _ of stream) {
    // Reading to the end is what drives the run.
  }
  let passed = 0;
  let failed = 0;
  for (const file of perFile.values()) {
    passed += file.passed;
    failed += file.failed;
  }
  return { passed, failed };
}

/** The runner reports each file as a test of its own around the tests in it. */
function isFileItself(event: { readonly name: string; readonly file?: string; readonly nesting: number }): boolean {
  return event.nesting === 0 && event.file !== undefined && event.file.endsWith(event.name);
}

/** A suite whose own hook failed has an error that isn't just its children's. */
function diedItself(error: unknown): boolean {
  return (error as { failureType?: string } | undefined)?.failureType !== 'subtestsFailed';
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ');
}
