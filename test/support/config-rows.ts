/** Tables of faults: a sound object, one change to its spec, and the problem that must come of it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Problem } from '../../src/core/config/problem.ts';
import { Report } from '../../src/core/config/report.ts';

export type Reader = (object: unknown, report: Report) => unknown;

/** Path, and what the message must say. */
export type FaultRow = readonly [
  name: string,
  change: Readonly<Record<string, unknown>>,
  path: string,
  message: RegExp,
];

/** A configuration object with this spec, named `subject`. */
export function objectWith(spec: unknown, annotations?: Readonly<Record<string, string>>): unknown {
  return {
    metadata: {
      name: 'subject',
      namespace: 'metallb-system',
      generation: 3,
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}

/** Reads a sound object: no error. */
export function readSound<T>(read: (object: unknown, report: Report) => T | undefined, object: unknown): T {
  const report = new Report();
  const value = read(object, report);
  assert.deepEqual(errorsOf(report.problems()), []);
  assert.ok(value !== undefined);
  return value;
}

export function problemsOf(read: Reader, object: unknown): readonly Problem[] {
  const report = new Report();
  read(object, report);
  return report.problems();
}

/** Each change must make the object an error with this path and message, and leave it without a value. */
export async function expectErrors(
  t: TestContext,
  read: Reader,
  sound: object,
  rows: readonly FaultRow[],
): Promise<void> {
  for (const [name, change, path, message] of rows) {
    await t.test(name, () => {
      const report = new Report();
      const value = read(objectWith({ ...sound, ...change }), report);
      assert.equal(value, undefined, 'an object in error has no value');
      expectProblem(report.problems(), 'error', path, message);
    });
  }
}

/** Each change must bring this warning and no error. */
export async function expectWarnings(
  t: TestContext,
  read: Reader,
  sound: object,
  rows: readonly FaultRow[],
): Promise<void> {
  for (const [name, change, path, message] of rows) {
    await t.test(name, () => {
      const problems = problemsOf(read, objectWith({ ...sound, ...change }));
      assert.deepEqual(errorsOf(problems), []);
      expectProblem(problems, 'warning', path, message);
    });
  }
}

export function expectProblem(
  problems: readonly Problem[],
  severity: Problem['severity'],
  path: string,
  message: RegExp,
): void {
  const found = problems.find((each) => each.severity === severity && each.path === path && message.test(each.message));
  assert.ok(
    found !== undefined,
    `no ${severity} at ${path} that says ${message} among ${JSON.stringify(problems, null, 2)}`,
  );
  assert.notEqual(found.remedy, '', 'a problem names its remedy');
}

export function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter((problem) => problem.severity === 'error');
}
