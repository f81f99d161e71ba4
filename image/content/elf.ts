/** Program headers and dynamic tags, as the System V ABI numbers them (chapters 4 and 5). */
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NULL = 0n;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly bytes: number;
}

/**
 * The shared libraries that a program or library asks for by name, in its own
 * order. Read from the file, since `ldd` runs the program and so can't speak
 * for another processor.
 *
 * @param elf a whole file of ELF's 64-bit little-endian form: x86-64 and arm64.
 * @throws Error where it is of another form.
 */
export function neededLibraries(elf: Buffer): readonly string[] {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error('Cannot read the libraries that a program needs: not a 64-bit little-endian ELF file');
  }
  const segments = segmentsOf(elf);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return [];

  const needed: bigint[] = [];
  let names = 0n;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.bytes; at += 16) {
    const [tag, value] = [elf.readBigInt64LE(at), elf.readBigUInt64LE(at + 8)];
    if (tag === DT_NULL) break;
    if (tag === DT_NEEDED) needed.push(value);
    if (tag === DT_STRTAB) names = value;
  }
  return needed.map((name) => {
    const start = offsetOf(names + name, segments);
    return elf.toString('latin1', start, elf.indexOf(0, start));
  });
}

function segmentsOf(elf: Buffer): readonly Segment[] {
  const [start, each, count] = [Number(elf.readBigUInt64LE(0x20)), elf.readUInt16LE(0x36), elf.readUInt16LE(0x38)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * each;
    return {
      type: elf.readUInt32LE(at),
      offset: Number(elf.readBigUInt64LE(at + 8)),
      address: elf.readBigUInt64LE(at + 16),
      bytes: Number(elf.readBigUInt64LE(at + 32)),
    };
  });
}

/** Tables are named by their address in memory; this is where the file has it. */
function offsetOf(address: bigint, segments: readonly Segment[]): number {
  const holder = segments.find(
    (one) => one.type === PT_LOAD && address >= one.address && address < one.address + BigInt(one.bytes),
  );
  if (holder === undefined) throw new Error(`Cannot read an ELF file: address ${address} is in none of its segments`);
  return holder.offset + Number(address - holder.address);
}
