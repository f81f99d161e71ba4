/** HTTP errors, always as JSON with a reason, never with a piece of what was sent. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

export interface FaultLog {
  error(values: object, message: string): void;
}

export function sendFault(response: Response, status: number, reason: string): void {
  response.status(status).json({ status, reason });
}

/** What body-parser calls its errors, and what the client is told. */
const BODY_FAULTS: Readonly<Record<string, (limit: number) => { readonly status: number; readonly reason: string }>> = {
  'entity.parse.failed': () => ({ status: 400, reason: 'the body is not valid JSON' }),
  'entity.too.large': (limit) => ({ status: 413, reason: `the body is larger than ${limit} bytes` }),
  'request.size.invalid': () => ({ status: 400, reason: 'the body is shorter or longer than Content-Length says' }),
  'request.aborted': () => ({ status: 400, reason: 'the body ended early' }),
  'encoding.unsupported': () => ({ status: 415, reason: 'a compressed body is not accepted' }),
  'charset.unsupported': () => ({ status: 415, reason: 'only UTF-8 is accepted' }),
};

/** The last error handler: faults of the body by name, everything else as a defect that is logged. */
export function faultHandler(log: FaultLog, limit: number): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const type = typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';
    const fault = Object.hasOwn(BODY_FAULTS, type) ? BODY_FAULTS[type]?.(limit) : undefined;
    if (fault) {
      // What is left of a body that is too long is not read: the connection goes with it.
      if (fault.status === 413) response.set('Connection', 'close');
      sendFault(response, fault.status, fault.reason);
      return;
    }
    log.error({ err: error, path: request.path }, 'the webhook failed on a request');
    sendFault(response, 500, 'Berth failed on this request; its log says why');
  };
}

/** Refuses what is no POST with a JSON body before a byte of it is read. */
export const onlyJsonPosts: RequestHandler = (request, response, next) => {
  if (request.method !== 'POST') {
    response.set('Allow', 'POST');
    sendFault(response, 405, 'only POST is answered here');
  } else if (!request.is('application/json')) {
    sendFault(response, 415, 'the Content-Type must be application/json');
  } else {
    next();
  }
};

/**
 * Ends a request whose body isn't there in time, however steadily it trickles.
 * (Node's own limit on a whole request can't be shorter than the one on its
 * head, and that one must outlast idle connections; see serve.ts.)
 */
export function bodyDeadline(milliseconds: number): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      response.set('Connection', 'close');
      sendFault(response, 408, `the body did not arrive within ${milliseconds / 1000} s`);
      response.once('finish', () => request.socket.destroySoon());
    }, milliseconds);
    const clear = (): void => clearTimeout(timer);
    request.once('end', clear);
    request.once('close', clear);
    next();
  };
}

/** Where client certificates are asked for: turns away who has none that the given authority signed. */
export const onlyKnownClients: RequestHandler = (request, response, next) => {
  const socket = request.socket as { readonly authorized?: boolean };
  if (socket.authorized === true) next();
  else sendFault(response, 401, 'a client certificate of the configured authority is needed');
};
