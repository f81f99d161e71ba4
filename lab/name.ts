import { LabProblem } from './problem.ts';

/** Interface names have room for 15 characters, and ours begin with "berth-". */
const longest = 9;

/** The name of a lab: `$LAB`, else "dev". @throws LabProblem for a name that can't name interfaces. */
export function labName(given: string | undefined = process.env.LAB): string {
  const name = given || 'dev';
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= longest) return name;
  throw new LabProblem(
    `Cannot use "${name}" as the name of a lab: use at most ${longest} small letters, digits and dashes, such as LAB=dev`,
  );
}
