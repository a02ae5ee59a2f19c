import { connect } from 'node:net';

export type RawAnswer = { status: number; contentType: string; text: string };

/** Longer than any answer of a studio that works; one that never comes is a failure. */
const LONGEST_ANSWER_MS = 20_000;

/**
 * One request exactly as it is written: clients such as fetch refuse TRACE and tidy paths up before they
 * send them. Reads until the studio closes the connection. @throws Error when it doesn't in 20 s
 */
export function sendRaw(
  address: { host: string; port: number },
  request: { method: string; target: string; headers?: Record<string, string> },
): Promise<RawAnswer> {
  const lines = Object.entries({
    Host: `${address.host}:${address.port}`,
    Connection: 'close',
    'Content-Length': '0',
    ...request.headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(address.port, address.host);
    const chunks: Buffer[] = [];
    socket.setTimeout(LONGEST_ANSWER_MS, () =>
      socket.destroy(new Error(`${request.method} ${request.target} was not answered.`)),
    );
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(readAnswer(Buffer.concat(chunks).toString('latin1'))));
    socket.write(`${request.method} ${request.target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
}

function readAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN),
    contentType: /^content-type: *(.*)$/im.exec(head)?.[1]?.trim() ?? '',
    text: end < 0 ? '' : text.slice(end + 4),
  };
}
