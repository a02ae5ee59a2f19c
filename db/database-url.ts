import { AppError } from '../api/shared/errors';

/** What is shown when an address cannot be read: never the address itself, which holds a password. */
const FORM = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE';
const ESCAPES = 'in a name or password write / ? # @ : % and spaces as %2F %3F %23 %40 %3A %25 and %20';
const DEFAULT_PORT = 5432;

export type ReadDatabaseUrl = { ok: true; url: string } | { ok: false; problem: string };

/**
 * Reads the address of a database, in the forms that people have: a host, a folder of Unix sockets as
 * `postgres://%2Frun%2Fpostgresql/db` or `postgres:///db?host=/run/postgresql`, or no host (this machine).
 * `url` is the one form that both drivers read alike. A `problem` says what is wrong and what to do, and
 * nothing of the text. Pure.
 */
export function readDatabaseUrl(text: string): ReadDatabaseUrl {
  const no = (problem: string): ReadDatabaseUrl => ({ ok: false, problem });
  const rest = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text)?.[1];
  if (rest === undefined) return no(`must start with postgres:// (${FORM})`);
  if (/[\s\p{Cc}]/u.test(rest)) return no(`has a space or a line break in it; ${ESCAPES}`);
  if (!isDecodable(rest)) return no(`has a % that begins no UTF-8 escape; ${ESCAPES}`);

  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const named = authority.slice(authority.lastIndexOf('@') + 1);
  // The query's host stands for the missing one, which no parser of URLs takes after a user's name.
  const url = parse(
    `postgres://${named === '' ? `${authority}localhost` : authority}${rest.slice(authority.length)}`,
  );
  if (named.includes(',') || url?.searchParams.get('host')?.includes(',') === true) {
    return no('names several hosts; name one, for example that of a proxy in front of them');
  }
  if (url === null) return no(`can't be read; it must look like ${FORM}, and ${ESCAPES}`);
  if (!authority.includes('@') && rest.includes('@')) {
    return no(`has an @ behind its host, so a part of the password may have been taken for it; ${ESCAPES}`);
  }
  const asked = url.searchParams.get('host') ?? '';
  if (named === '' && asked === '' && authority !== '') return no(`names no host; it must look like ${FORM}`);
  const host = named === '' ? asked : decodeURIComponent(url.hostname);
  if (host !== '' && !/^(\/.*|[\p{L}\p{N}._-]+|\[[\da-f:.]+\])$/iu.test(host)) {
    return no(`has a host with unusual characters; it must look like ${FORM}, and ${ESCAPES}`);
  }
  const port = url.port || url.searchParams.get('port') || String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    return no('has a port that is none; it must be from 1 to 65535');
  }
  // A host or port of the query would go to the server as a setting that it does not know.
  url.searchParams.delete('host');
  url.searchParams.delete('port');
  url.hash = '';
  if (host !== '') {
    url.hostname = host.startsWith('[') ? host : encodeURIComponent(host);
    url.port = port;
  } else url.hostname = '';
  return { ok: true, url: url.href };
}

/**
 * What postgres.js is to be given for an address; its own reader of URLs knows no sockets, no IPv6 and no
 * escapes in a database's name. (`object`: its types don't know the lists that keep IPv6 whole.)
 * @throws AppError `InvalidDatabaseUrl`
 */
export function driverAddress(text: string): { url: string; options: object } {
  const read = readDatabaseUrl(text);
  if (!read.ok) {
    throw new AppError({
      code: 'InvalidDatabaseUrl',
      message: `The address of the database ${read.problem}.`,
    });
  }
  const url = new URL(read.url);
  const host = decodeURIComponent(url.hostname);
  const port = Number(url.port || DEFAULT_PORT);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host !== '') url.hostname = 'localhost';
  const where =
    host === ''
      ? {}
      : host.startsWith('/')
        ? { path: `${host}/.s.PGSQL.${port}` }
        : { host: [host.replace(/^\[(.*)\]$/, '$1')], port: [port] };
  return { url: url.href, options: { ...where, ...(database === '' ? {} : { database }) } };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // A URIError; what it says of the text is not wanted.
    return false;
  }
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
