/**
 * git over smart HTTP: node server-main.ts ADDRESS PORT FOLDER. Each request is
 * handed to `git http-backend`, a CGI program that git brings.
 */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readHead } from './cgi.ts';

const [address = '', port = '', folder = ''] = process.argv.slice(2);

createServer(answer).listen(Number(port), address, () => console.log(`serving ${folder} at ${address}:${port}`));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      // The repositories belong to whoever made them.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'lab',
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
    },
  });
  backend.on('error', (error) => {
    console.error(error.message);
    response.writeHead(500).end();
  });
  backend.stderr.on('data', (text: Buffer) => process.stderr.write(text));
  // A client that goes away takes its backend with it; the write error that this gives is no fault.
  response.on('close', () => backend.kill());
  backend.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  request.pipe(backend.stdin);

  let received = Buffer.alloc(0);
  const collect = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    const head = readHead(received);
    if (head === undefined) return;
    backend.stdout.off('data', collect);
    response.writeHead(head.status, [...head.headers]);
    response.write(received.subarray(head.bodyAt));
    backend.stdout.pipe(response);
  };
  backend.stdout.on('data', collect);
  backend.stdout.on('end', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}
