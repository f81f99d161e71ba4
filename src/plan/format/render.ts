/** A report in the form that was asked for. */
import type { PlanReport } from '../forecast/report.ts';
import { renderGithub, renderJson, renderJunit, renderSarif } from './machines.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTable } from './table.ts';

export const FORMATS = ['table', 'json', 'markdown', 'junit', 'sarif', 'github'] as const;

export type Format = (typeof FORMATS)[number];

/** Ends with a line break, unless it is empty. */
export function render(report: PlanReport, format: Format): string {
  switch (format) {
    case 'table':
      return renderTable(report);
    case 'json':
      return renderJson(report);
    case 'markdown':
      return renderMarkdown(report);
    case 'junit':
      return renderJunit(report);
    case 'sarif':
      return renderSarif(report);
    case 'github':
      return renderGithub(report);
  }
}
