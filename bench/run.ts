import type { Contender, Running } from './contenders/contender.ts';
import { type Ground, openGround } from './ground.ts';

/** Runs `work` beside a contender on a ground of its own, and leaves nothing. */
export async function onGround<T>(
  contender: Contender,
  work: (ground: Ground, running: Running) => Promise<T>,
  options: { readonly ranges?: readonly string[]; readonly auditLog?: boolean } = {},
): Promise<T> {
  const ground = await openGround({ auditLog: options.auditLog ?? false });
  try {
    await contender.prepare(ground, options.ranges ?? ['10.0.0.0/16']);
    const running = await contender.start(ground);
    const result = await work(ground, running);
    await running.stop();
    return result;
  } finally {
    await ground.close();
  }
}
