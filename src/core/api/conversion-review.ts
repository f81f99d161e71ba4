/** The apiserver's request to convert stored objects (apiextensions.k8s.io/v1, ConversionReview). */
import { convertBgpPeer } from './bgp-peer-conversion.ts';

export interface ConversionReview {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'ConversionReview';
  readonly response: {
    readonly uid: string;
    readonly convertedObjects: readonly unknown[];
    readonly result: { readonly status: 'Success' } | { readonly status: 'Failure'; readonly message: string };
  };
}

/**
 * Answers a ConversionReview; total on any JSON. Undefined where the body is
 * no review at all and there is no `uid` to answer to. All objects are
 * converted or none: the first fault fails the review and names its object.
 */
export function answerConversion(body: unknown): ConversionReview | undefined {
  const request = field(body, 'request');
  const uid = field(request, 'uid');
  const version = field(request, 'desiredAPIVersion');
  const objects = field(request, 'objects');
  if (typeof uid !== 'string' || typeof version !== 'string' || !Array.isArray(objects)) return undefined;
  const converted: unknown[] = [];
  for (const object of objects) {
    const result = convertBgpPeer(object, version);
    if (!result.ok) {
      const name = String(field(field(object, 'metadata'), 'name'));
      return review(uid, [], { status: 'Failure', message: `BGPPeer "${name}": ${result.error}` });
    }
    converted.push(result.value);
  }
  return review(uid, converted, { status: 'Success' });
}

function review(
  uid: string,
  convertedObjects: readonly unknown[],
  result: ConversionReview['response']['result'],
): ConversionReview {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    response: { uid, convertedObjects, result },
  };
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
