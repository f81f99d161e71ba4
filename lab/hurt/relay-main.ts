/**
 * Carries every Ethernet frame between two interfaces, late or twice as told:
 * `node relay-main.ts INDEX INDEX {"delayMs":…}`. Says "relaying" when it
 * hears both, and runs until killed.
 */
import { bindSocket, openSocket, receive, SOCK_RAW, send, setOption, waitReadable } from '../../src/speaker/l2/libc.ts';
import { DelayLine, type DelaySettings } from './delay-line.ts';

const AF_PACKET = 17;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const ETH_P_ALL = 3;
/** A frame of 1500 bytes and its header, or one that an interface put together from several. */
const longestFrame = 65_536 + 18;
const framesPerTurn = 64;

interface Cable {
  readonly from: number;
  readonly to: number;
  readonly line: DelayLine<Uint8Array>;
}

const [one, two, settings] = process.argv.slice(2);
const delay = JSON.parse(settings!) as DelaySettings;
const [a, b] = [openTap(Number(one)), openTap(Number(two))];
const cables: readonly Cable[] = [
  { from: a, to: b, line: new DelayLine(delay, Math.random) },
  { from: b, to: a, line: new DelayLine(delay, Math.random) },
];
const buffer = new Uint8Array(longestFrame);
console.log('relaying');

for (;;) {
  const next = Math.min(...cables.map(({ line }) => line.nextDue ?? Number.POSITIVE_INFINITY));
  const wait = Number.isFinite(next) ? Math.max(0, Math.ceil(next - performance.now())) : 1000;
  const ready = waitReadable([a, b], wait);
  for (const cable of cables) {
    if (ready.includes(cable.from)) takeIn(cable);
    for (let frame = cable.line.take(performance.now()); frame; frame = cable.line.take(performance.now())) {
      pass(frame, cable.to);
    }
  }
}

function takeIn(cable: Cable): void {
  for (let count = 0; count < framesPerTurn; count++) {
    const length = receive(cable.from, buffer);
    if (length === undefined) return;
    cable.line.add(buffer.slice(0, length), performance.now());
  }
}

/** A full queue or a cable that is cut loses the frame, as on a real wire. */
function pass(frame: Uint8Array, to: number): void {
  try {
    send(to, frame);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'ENOBUFS' && code !== 'ENETDOWN' && code !== 'EAGAIN' && code !== 'EMSGSIZE') throw error;
  }
}

/** A packet socket that hears every frame that comes in at an interface (packet(7)). */
function openTap(index: number): number {
  const socket = openSocket(AF_PACKET, SOCK_RAW, 0);
  setOption(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, new Uint8Array(new Int32Array([1]).buffer));
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL, false);
  view.setInt32(4, index, true);
  bindSocket(socket, address);
  return socket;
}
