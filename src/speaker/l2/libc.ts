/**
 * The few functions of the C library that Node has no door to. Each call is
 * synchronous; a negative result throws with the errno's name.
 */
import { constants } from 'node:os';
import koffi from 'koffi';

const library = koffi.load('libc.so.6');

// `ssize_t` and `socklen_t` are no names that koffi knows: their sizes are written out.
const native = {
  socket: library.func('int socket(int, int, int)'),
  bind: library.func('int bind(int, void *, uint32_t)'),
  recv: library.func('int64_t recv(int, void *, size_t, int)'),
  send: library.func('int64_t send(int, void *, size_t, int)'),
  sendto: library.func('int64_t sendto(int, void *, size_t, int, void *, uint32_t)'),
  setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
  getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
  poll: library.func('int poll(void *, unsigned long, int)'),
  eventfd: library.func('int eventfd(unsigned int, int)'),
  read: library.func('int64_t read(int, void *, size_t)'),
  close: library.func('int close(int)'),
  madvise: library.func('int madvise(uint64_t, size_t, int)'),
};

const filterProgram = koffi.struct({ len: 'uint16_t', filter: 'void *' });
const attachFilter = library.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(filterProgram), 'uint32_t']);

export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const POLLIN = 1;
const MADV_DONTNEED = 4;

export const errno = constants.errno;

const names = new Map(Object.entries(errno).map(([name, number]) => [number, name]));

/** A call that the kernel refused. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly errno: number;
  /** `EPERM`, `ENODEV`, … */
  readonly code: string;

  constructor(call: string, number: number) {
    const code = names.get(number) ?? `errno ${number}`;
    super(`${call}: ${code}`);
    this.errno = number;
    this.code = code;
  }
}

function check(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno());
  return result;
}

/** A non-blocking socket, closed on exec. */
export function openSocket(family: number, type: number, protocol: number): number {
  return check('socket', native.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

export function bindSocket(fd: number, address: Uint8Array): void {
  check('bind', native.bind(fd, address, address.length));
}

export function setOption(fd: number, level: number, option: number, value: Uint8Array): void {
  check('setsockopt', native.setsockopt(fd, level, option, value, value.length));
}

/** Fills `value`, which must be as long as the option. */
export function getOption(fd: number, level: number, option: number, value: Uint8Array): void {
  const length = new Uint8Array(Uint32Array.of(value.length).buffer);
  check('getsockopt', native.getsockopt(fd, level, option, value, length));
}

/** A classic BPF program, eight bytes an instruction. */
export function attachSocketFilter(fd: number, program: Uint8Array): void {
  const struct = { len: program.length / 8, filter: program };
  check('SO_ATTACH_FILTER', attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, struct, koffi.sizeof(filterProgram)));
}

/** Bytes written to `buffer`; undefined where nothing waits. A frame that is longer is cut. */
export function receive(fd: number, buffer: Uint8Array): number | undefined {
  const length = Number(native.recv(fd, buffer, buffer.length, 0));
  if (length >= 0) return length;
  const number = koffi.errno();
  if (number === errno.EAGAIN || number === errno.EINTR) return undefined;
  throw new SystemCallError('recv', number);
}

export function send(fd: number, bytes: Uint8Array): void {
  check('send', Number(native.send(fd, bytes, bytes.length, 0)));
}

/** One datagram to an address of the socket's family. */
export function sendTo(fd: number, bytes: Uint8Array, address: Uint8Array): void {
  check('sendto', Number(native.sendto(fd, bytes, bytes.length, 0, address, address.length)));
}

/** A descriptor on which anybody in this process can wake a `waitReadable`. */
export function openEvent(): number {
  return check('eventfd', native.eventfd(0, EFD_NONBLOCK));
}

/** Forgets the wake-ups so far. */
export function drainEvent(fd: number): void {
  // EAGAIN: nobody woke us, which is as good.
  native.read(fd, new Uint8Array(8), 8);
}

export function closeDescriptor(fd: number): void {
  check('close', native.close(fd));
}

/** Pages of a file's mapping that were never written are read from the file again where they are touched again. */
export function giveBackPages(address: bigint, length: bigint): void {
  check('madvise', native.madvise(address, length, MADV_DONTNEED));
}

/**
 * Waits until one of the descriptors can be read, has failed, or the time is
 * over. Returns those that are ready, in the order given.
 */
export function waitReadable(fds: readonly number[], timeoutMs: number): readonly number[] {
  const table = new DataView(new ArrayBuffer(fds.length * 8));
  fds.forEach((fd, at) => {
    table.setInt32(at * 8, fd, true);
    table.setInt16(at * 8 + 4, POLLIN, true);
  });
  const count = native.poll(new Uint8Array(table.buffer), fds.length, timeoutMs);
  if (count < 0) {
    const number = koffi.errno();
    if (number === errno.EINTR) return [];
    throw new SystemCallError('poll', number);
  }
  return count === 0 ? [] : fds.filter((_, at) => table.getInt16(at * 8 + 6, true) !== 0);
}
