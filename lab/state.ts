import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { identify, isAlive, type ProcessId } from './machine/process-id.ts';
import { planOf, slots } from './network/plan.ts';
import { LabProblem } from './problem.ts';
import { dataDirectory, stateDirectory } from './settings.ts';

/** What is kept of a running lab; everything else follows from it (see network/plan.ts). */
export interface LabRecord {
  readonly name: string;
  readonly slot: number;
  readonly nodes: number;
  /** False while `up` is at work, or after it was killed in the middle. */
  readonly complete: boolean;
}

const slotsDirectory = () => join(stateDirectory(), 'slots');
const labDirectory = (name: string) => join(stateDirectory(), name);
const recordFile = (name: string) => join(labDirectory(name), 'lab.json');
const processesDirectory = (name: string) => join(labDirectory(name), 'processes');
const lockFile = (name: string) => join(labDirectory(name), 'up.json');

/** Where the lab's programs keep their files. */
export function labData(name: string): string {
  return join(dataDirectory(), name);
}

/** The record of a lab; undefined when there is none. */
export function readRecord(name: string): LabRecord | undefined {
  return readJson<LabRecord>(recordFile(name));
}

/** Writes the record in one piece. */
export function writeRecord(record: LabRecord): void {
  writeWhole(recordFile(record.name), record);
}

/** Takes a slot that no other lab has and whose addresses are free. @throws LabProblem when all are taken. */
export function claimSlot(name: string): number {
  mkdirSync(slotsDirectory(), { recursive: true });
  const inUse = new Set(
    Object.values(networkInterfaces())
      .flat()
      .map((one) => one?.address),
  );
  for (let slot = 0; slot < slots; slot++) {
    if (inUse.has(planOf(name, slot, 1).host.ipv4)) continue;
    try {
      const file = openSync(join(slotsDirectory(), String(slot)), 'wx');
      writeFileSync(file, name);
      closeSync(file);
      return slot;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new LabProblem(`Cannot start lab "${name}": all ${slots} slots are taken; end a lab with bin/lab down`);
}

/** Notes a process under the part it plays, such as "etcd" or "node-1". */
export function noteProcess(name: string, role: string, id: ProcessId): void {
  writeWhole(join(processesDirectory(name), `${role}.json`), id);
}

/** Forgets the process in this part. */
export function forgetProcess(name: string, role: string): void {
  rmSync(join(processesDirectory(name), `${role}.json`), { force: true });
}

/** The process in this part while it lives. */
export function processOf(name: string, role: string): ProcessId | undefined {
  const id = readJson<ProcessId>(join(processesDirectory(name), `${role}.json`));
  return id !== undefined && isAlive(id) ? id : undefined;
}

/** All noted processes that live. */
export function notedProcesses(name: string): readonly ProcessId[] {
  if (!existsSync(processesDirectory(name))) return [];
  return readdirSync(processesDirectory(name))
    .map((file) => processOf(name, file.replace(/\.json$/, '')))
    .filter((id) => id !== undefined);
}

/** Makes this process the one that brings the lab up. @throws LabProblem while another one is at it. */
export function takeUpLock(name: string): void {
  mkdirSync(labDirectory(name), { recursive: true });
  try {
    writeFileSync(lockFile(name), JSON.stringify(identify(process.pid)), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = upInProgress(name)?.pid;
    throw new LabProblem(
      `Cannot start lab "${name}": process ${other ?? '(already gone)'} is bringing it up; wait for it, or end it with LAB=${name} bin/lab down`,
      { cause: error },
    );
  }
}

/** Says that the lab is up. */
export function releaseUpLock(name: string): void {
  rmSync(lockFile(name), { force: true });
}

/** The process that is bringing the lab up now. */
export function upInProgress(name: string): ProcessId | undefined {
  const id = readJson<ProcessId>(lockFile(name));
  return id !== undefined && isAlive(id) ? id : undefined;
}

/** Removes everything that is kept of a lab, and the folders above when no other lab is left. */
export function forgetLab(name: string): void {
  rmSync(labData(name), { recursive: true, force: true });
  rmSync(labDirectory(name), { recursive: true, force: true });
  for (const slot of existsSync(slotsDirectory()) ? readdirSync(slotsDirectory()) : []) {
    const file = join(slotsDirectory(), slot);
    if (readFileSync(file, 'utf8') === name) rmSync(file);
  }
  for (const folder of [slotsDirectory(), stateDirectory(), dataDirectory()]) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

function writeWhole(file: string, value: unknown): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}
