/** For a comment on a pull request. */
import type { PlanReport } from '../forecast/report.ts';
import { placeText } from '../manifest.ts';
import { addressText, type Finding, findingsOf, poolText, summaryOf } from './rows.ts';

/** Unchanged Services beyond this many are only counted: a comment has room for 65,536 characters. */
const MOST_ROWS = 200;

export function renderMarkdown(report: PlanReport): string {
  const findings = findingsOf(report);
  const parts = ['## Berth plan', VERDICTS[report.verdict], summaryOf(report)];
  for (const [title, level] of [
    ['Must change', 'error'],
    ['Look at', 'warning'],
  ] as const) {
    const own = findings.filter((each) => each.level === level);
    if (own.length > 0) parts.push(`### ${title}\n\n${own.map(item).join('\n')}`);
  }
  const moving = report.services.filter(({ change }) => change !== 'unchanged');
  if (moving.length > 0) {
    const rows = moving
      .slice(0, MOST_ROWS)
      .map((each) => [each.service, each.change, each.answer, each.pool ?? '', addressText(each), each.because]);
    parts.push(
      `### Services\n\n${table([['Service', 'Change', 'Answer', 'Pool', 'Address', 'Because'], ...rows])}${more(moving.length)}`,
    );
  }
  const still = report.services.length - moving.length;
  if (still > 0)
    parts.push(
      `${still} more ${still === 1 ? 'Service stays' : 'Services stay'} as ${still === 1 ? 'it is' : 'they are'}.`,
    );
  if (report.wishes.length > 0) {
    const rows = report.wishes
      .slice(0, MOST_ROWS)
      .map((each) => [
        each.in,
        each.path,
        each.addresses.join(', '),
        each.pool ?? '',
        each.sharingKey ?? '',
        each.answer,
        each.because,
      ]);
    parts.push(
      `### Wishes in values, Gateways and templates\n\n${table([['In', 'Path', 'Address', 'Pool', 'Key', 'Answer', 'Because'], ...rows])}${more(report.wishes.length)}`,
    );
  }
  if (report.pools.length > 0)
    parts.push(
      `### Pools\n\n${table([['Pool', 'Family', 'In use'], ...report.pools.map((each) => [each.pool, each.family, poolText(each)])])}`,
    );
  if (report.quotas.length > 0) {
    const rows = report.quotas.map(({ policy, namespace, counted, before, after, limit }) => [
      policy,
      namespace,
      counted,
      `${before} → ${after} of ${limit}`,
    ]);
    parts.push(`### Quotas\n\n${table([['Policy', 'Namespace', 'Counted', 'In use'], ...rows])}`);
  }
  const notes = findings.filter(({ level }) => level === 'note');
  if (notes.length > 0)
    parts.push(`<details><summary>Notes (${notes.length})</summary>\n\n${notes.map(item).join('\n')}\n\n</details>`);
  return `${parts.join('\n\n')}\n`;
}

const VERDICTS: Readonly<Record<PlanReport['verdict'], string>> = {
  fine: 'Nothing is refused, and nobody loses an address.',
  refused: '**This change is refused in part, or takes addresses away.**',
  incomplete: '**This could not be planned as a whole: the files have faults.**',
};

function more(number: number): string {
  return number > MOST_ROWS ? `\n\nand ${number - MOST_ROWS} more` : '';
}

function item({ subject, message, at }: Finding): string {
  const [first = '', ...rest] = message.split('\n');
  const place = at === undefined ? '' : ` (\`${placeText(at)}\`)`;
  const about = at !== undefined && subject === at.file ? '' : `**${inline(subject)}**: `;
  return [`- ${about}${inline(first)}${place}`, ...rest.map((line) => `  ${inline(line)}`)].join('\n');
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.map(inline).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...body.map(line)].join('\n');
}

/** Names and messages may hold anything that an author wrote. */
function inline(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>|#@]/g, (mark) =>
      mark === '_' || mark === '#' || mark === '{' || mark === '}' ? mark : `\\${mark}`,
    )
    .replaceAll('\n', ' ');
}
