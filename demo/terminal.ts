/** What the story looks like: numbered steps, the commands that ran, what they printed. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint =
  (code: number) =>
  (text: string): string =>
    colours ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = paint(1);
const dim = paint(2);
const green = paint(32);

const started = performance.now();

/** Seconds since the story began, one decimal. */
export function elapsed(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

let chapterNumber = 0;

/** Runs one chapter and says how long it took; a failure names the chapter. */
export async function chapter<T>(title: string, tell: () => Promise<T>): Promise<T> {
  chapterNumber += 1;
  const name = `${chapterNumber}. ${title}`;
  console.log(`\n${bold(name)}`);
  const from = performance.now();
  try {
    const result = await tell();
    console.log(dim(`   ${((performance.now() - from) / 1000).toFixed(1)} s`));
    return result;
  } catch (error) {
    throw new Error(`Step ${name} did not hold`, { cause: error });
  }
}

/** A sentence of the story. */
export function say(text: string): void {
  console.log(`   ${text}`);
}

/** Something the step was there to show, seen to hold. */
export function seen(text: string): void {
  console.log(`   ${green('✔')} ${text}`);
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the reader sees instead of the arguments; '' shows nothing. */
  readonly shown?: string;
  /** Print what the command printed. */
  readonly show?: boolean;
  /** Exit codes other than 0 are part of the story. */
  readonly mayFail?: boolean;
  /** Progress of a long command goes straight to the terminal. */
  readonly live?: boolean;
}

/** Runs one command of the story. @throws when it fails and the story doesn't expect it. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const shown = options.shown ?? argv.join(' ');
  if (shown) console.log(`   ${dim('$')} ${shown}`);
  return new Promise((resolve, reject) => {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', options.live ? 'inherit' : 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ran = { code: code ?? 1, stdout, stderr };
      if (options.show) print(stdout + stderr);
      if (ran.code === 0 || options.mayFail) resolve(ran);
      else reject(new Error(`${argv.join(' ')} ended with ${signal ?? code}:\n${stdout}${stderr}`));
    });
  });
}

export interface Followed {
  /** Waits for a line of which this holds, seen already or still to come; `at` is in ms of the monotonic clock. */
  line(what: string, holds: (text: string) => boolean): Promise<{ readonly text: string; readonly at: number }>;
  stop(): void;
}

/** Starts a command that goes on and remembers each line with the time at which it came. */
export function follow(argv: readonly string[], options: RunOptions = {}): Followed {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: { text: string; at: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => lines.push({ text, at: performance.now() }));
  return {
    line: (what, holds) => until(what, () => Promise.resolve(lines.find(({ text }) => holds(text)))),
    stop: () => void child.kill(),
  };
}

function print(text: string): void {
  for (const line of text.trimEnd().split('\n')) console.log(`     ${line}`);
}

/** Repeats a question until it is answered; the limit only stops a story that went wrong. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, limitSeconds = 120): Promise<T> {
  const end = performance.now() + limitSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Waited ${limitSeconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
