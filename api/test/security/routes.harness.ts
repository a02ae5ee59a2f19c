import * as v from 'valibot';
import { createApp, createMediaApp, type ServerPort } from '../../app';
import type { Services } from '../../services.types';

const OperationSchema = v.object({
  security: v.optional(v.array(v.record(v.string(), v.unknown()))),
});
const DocumentSchema = v.object({
  security: v.array(v.record(v.string(), v.unknown())),
  paths: v.record(v.string(), v.record(v.string(), OperationSchema)),
});

export type DocumentedRoute = {
  method: string;
  /** With its parameters in braces. */
  path: string;
  /** Whether the document says that nobody needs a token for it. */
  open: boolean;
};

export const nameOf = (route: Pick<DocumentedRoute, 'method' | 'path'>) => `${route.method} ${route.path}`;

/** Every route of `/openapi.json`, with what the document says of who may use it. */
export async function readRoutes(url: string): Promise<DocumentedRoute[]> {
  const document = v.parse(DocumentSchema, await (await fetch(`${url}/openapi.json`)).json());
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path,
      open: (security ?? document.security).length === 0,
    })),
  );
}

/** What the app really routes, as the document writes it; layers before the routes have the method ALL. */
export function appRoutes(services: Services): string[] {
  const port: ServerPort = { connectionOf: () => ({ address: 'none', keepOpen: () => undefined }) };
  const routes = [...createApp(services, port).routes, ...createMediaApp(services).routes];
  const names = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  return [...new Set(names)].sort();
}

/** Puts values in the place of a path's parameters. */
export const fillPath = (path: string, values: Record<string, string>, other: string) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? other);
