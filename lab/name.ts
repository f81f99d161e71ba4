import { LabProblem } from './problem.ts';

/** Interface names have room for 15 characters, and ours begin with "berth-". */
const longest = 9;

/**
 * The name of a lab: `$LAB`, else "dev". No dashes: "berth-a-" must be the
 * beginning of names of lab "a" alone.
 *
 * @throws LabProblem for a name that can't name interfaces.
 */
export function labName(given: string | undefined = process.env.LAB): string {
  const name = given || 'dev';
  if (/^[a-z0-9]+$/.test(name) && name.length <= longest) return name;
  throw new LabProblem(
    `Cannot use "${name}" as the name of a lab: use at most ${longest} small letters and digits, such as LAB=dev`,
  );
}
