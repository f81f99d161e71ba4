/** Writes the status of many Services at once, each by a single call. */
import type { Service } from '../core/api/kubernetes.ts';
import { CONTROLLER_FIELD_MANAGER } from '../core/api/names.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './kube-error.ts';
import type { Term } from './lease.ts';
import { Limiter } from './limiter.ts';
import { services } from './resources.ts';

export type WriteOutcome =
  | { readonly kind: 'written'; readonly service: Service }
  /** Changed since it was read, or another object by now: nothing was written; look again. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'gone' }
  /** The apiserver said no: nothing was written. */
  | { readonly kind: 'refused'; readonly error: KubeError }
  /** No answer, or a server fault: it may have been written, or be written yet. */
  | { readonly kind: 'unknown'; readonly error: KubeError }
  /** The right to write ended first: nothing was sent. */
  | { readonly kind: 'not-leader' };

export interface StatusWriterOptions {
  readonly client: KubeClient;
  /** Calls at once; 32. */
  readonly concurrency?: number;
  /** For one call; well below what is left of a lease when it is lost. 5 s. */
  readonly timeoutMs?: number;
  readonly observe?: (outcome: WriteOutcome['kind'], seconds: number) => void;
}

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #limiter: Limiter;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.concurrency ?? 32);
  }

  /** Sends a patch made by `servicePatch`. Sent in this very turn while fewer than the limit are under way. */
  write(service: Service, patch: Record<string, unknown>, term: Term): Promise<WriteOutcome> {
    return this.#limiter.run(async () => {
      const startedAt = performance.now();
      const outcome = term.mayWrite() ? await this.#send(service, patch, term) : ({ kind: 'not-leader' } as const);
      this.#options.observe?.(outcome.kind, (performance.now() - startedAt) / 1000);
      return outcome;
    });
  }

  async #send(service: Service, patch: Record<string, unknown>, term: Term): Promise<WriteOutcome> {
    const { namespace, name } = service.metadata;
    try {
      const written = await this.#options.client.patch<Service>(
        { resource: services, namespace, name, subresource: 'status' },
        patch,
        {
          type: 'strategic-merge',
          fieldManager: CONTROLLER_FIELD_MANAGER,
          signal: term.signal,
          timeoutMs: this.#options.timeoutMs ?? 5_000,
        },
      );
      return { kind: 'written', service: written };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return outcomeOfError(error);
    }
  }
}

function outcomeOfError(error: KubeError): WriteOutcome {
  if (error.status === 404) return { kind: 'gone' };
  if (error.status === 409) return { kind: 'outdated' };
  if (error.status >= 400 && error.status < 500) return { kind: 'refused', error };
  return { kind: 'unknown', error };
}
