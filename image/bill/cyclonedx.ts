import type { BuildInfo } from '../build-info.ts';
import { dateTime } from '../date-time.ts';
import { digestOf, hexOf } from '../digest.ts';
import type { Component } from './component.ts';

/**
 * A bill of materials as CycloneDX 1.6 JSON
 * (https://cyclonedx.org/docs/1.6/json/), the same text for the same content.
 *
 * @param direct package URLs of what Berth itself needs.
 */
export function cyclonedx(info: BuildInfo, components: readonly Component[], direct: readonly string[]): string {
  const own = `berth@${info.version}`;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: dateTime(info.created),
      tools: { components: [{ type: 'application', name: 'berth image builder', version: info.version }] },
      component: {
        type: 'container',
        'bom-ref': own,
        name: 'berth',
        version: info.version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: components.map((one) => ({
      type: one.type,
      'bom-ref': refOf(one),
      name: one.name,
      version: one.version,
      ...(one.publisher && { publisher: one.publisher }),
      ...(one.sha512 && { hashes: [{ alg: 'SHA-512', content: one.sha512 }] }),
      ...licences(one),
      ...(one.cpe && { cpe: one.cpe }),
      ...(one.purl && { purl: one.purl }),
    })),
    dependencies: [
      { ref: own, dependsOn: [...new Set(direct)].sort() },
      ...components.map((one) => ({ ref: refOf(one), dependsOn: [...new Set(one.uses)].sort() })),
    ],
  };
  return `${JSON.stringify({ serialNumber: serialNumber(document), ...document }, null, 2)}\n`;
}

/** A name for this very content, in the form of a version 8 UUID (RFC 9562), which leaves its bits to us. */
function serialNumber(document: object): string {
  const hex = hexOf(digestOf(JSON.stringify(document)));
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function refOf({ purl, name, version }: Component): string {
  return purl ?? `${name}@${version}`;
}

function licences({ licence }: Component): object {
  if ('names' in licence) {
    return licence.names.length === 0 ? {} : { licenses: licence.names.map((name) => ({ license: { name } })) };
  }
  const { expression } = licence;
  return { licenses: [/[\s()]/.test(expression) ? { expression } : { license: { id: expression } }] };
}
