/** What went wrong with one call to the apiserver. */

/** The slice of metav1.Status that is read. */
export interface StatusBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** HTTP status; 0 where no answer came (then the call may or may not have had effect). */
  readonly status: number;
  /** metav1.Status.reason (`NotFound`, `Conflict`, `Expired`, …), or `NoAnswer`, `TimedOut`, `Aborted`. */
  readonly reason: string;
  /** How long the apiserver asks to wait; undefined where it doesn't say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Reads an error answer, in the apiserver's words where it sent a Status object. */
export function errorFromAnswer(call: string, status: number, body: string, retryAfter: string | undefined): KubeError {
  const parsed = parseStatus(body);
  const reason = parsed?.reason || reasonOfCode(status);
  const text = parsed?.message || body.slice(0, 300).trim() || 'no message';
  const seconds = retryAfter === undefined ? parsed?.details?.retryAfterSeconds : Number(retryAfter);
  return new KubeError(
    status,
    reason,
    `${call}: ${status} ${reason}: ${text}`,
    seconds !== undefined && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {},
  );
}

function parseStatus(body: string): StatusBody | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(body) as StatusBody;
    return value.kind === 'Status' ? value : undefined;
  } catch (error) {
    // A proxy's half a page: its text is shown as it came.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function reasonOfCode(status: number): string {
  switch (status) {
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Expired';
    case 429:
      return 'TooManyRequests';
    default:
      return status >= 500 ? 'InternalError' : 'Unknown';
  }
}

/** Whether the object (or the kind) isn't there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

/** Whether the object has changed since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409 && error.reason !== 'AlreadyExists';
}

/** Whether a create found an object of that name. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'AlreadyExists';
}

/** Whether a resourceVersion or continue token is too old to go on from. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

/** Whether the outcome is unknown: the call may have had effect though no answer came. */
export function isUnknownOutcome(error: unknown): boolean {
  // 504 and a 500 "Timeout" leave the apiserver's own write in doubt as well.
  return error instanceof KubeError && (error.status === 0 || error.status >= 500);
}

/** One line for logs: message and the causes below it. */
export function describe(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at !== undefined && parts.length < 4; at = at instanceof Error ? at.cause : undefined) {
    parts.push(at instanceof Error ? at.message : String(at));
  }
  return parts.join(': ');
}
