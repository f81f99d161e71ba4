/** Whether DNS can carry the name that an AddressPolicy's template gives a Service. */
import { renderHostname } from '../config/hostname-template.ts';
import type { ServiceRequest } from '../config/service-request.ts';
import { quote } from './text.ts';

/** One warning where the name comes out longer or other than DNS allows; none without a template. */
export function hostnameWarnings(
  template: string | undefined,
  request: ServiceRequest,
  pool: string,
): readonly string[] {
  if (template === undefined) return [];
  const { name, namespace, category = '' } = request;
  const rendered = renderHostname(template, { name, namespace, pool, category });
  if (rendered.ok) return [];
  return [
    `DNS can't carry the name of this Service: the template ${quote(template)} ${rendered.error}; give the Service a shorter name`,
  ];
}
