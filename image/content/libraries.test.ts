import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { test } from 'node:test';
import { neededLibraries } from './elf.ts';
import { librariesOf } from './libraries.ts';
import { thisPlatform } from './platform.ts';

const here = { platform: thisPlatform(), checkout: '', native: '', debian: '/' };

test('the libraries of a program are those that ldd finds', async () => {
  const said = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  // "libm.so.6 => /lib/…/libm.so.6 (0x…)", or of the loader "/lib64/ld-linux-x86-64.so.2 (0x…)".
  const paths = said.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  const found = (await librariesOf([process.execPath], here)).map(({ soname }) => soname);
  assert.deepEqual(found, paths.map((path) => basename(path)).sort());
});

test('a library that is missing is named', async () => {
  const elsewhere = { ...here, debian: '/nonexistent' };
  await assert.rejects(librariesOf([process.execPath], elsewhere), /the library "lib\S+" is not installed/);
});

test('what is no program is refused', () => {
  assert.throws(() => neededLibraries(Buffer.from('#!/bin/sh\n'.padEnd(64))), /not a 64-bit little-endian ELF file/);
});
