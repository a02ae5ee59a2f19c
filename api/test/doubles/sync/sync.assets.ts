import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { json, type Received, type Reply } from '../http/double.server';
import type { OutputsServer } from '../http/outputs.server';
import { problem } from './sync.errors';

export type Asset = { id: string; url: string; type: string; name: string | null; createdAt: string };

/** The vendor's bound on one upload. */
const LARGEST_BYTES = 5 * 1024 ** 3;
const UPLOAD_LIFE_SECONDS = 3600;

const UploadSchema = v.object({
  fileName: v.pipe(v.string(), v.minLength(1)),
  contentType: v.string(),
  size: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
const AssetSchema = v.object({ url: v.string(), type: v.picklist(['VIDEO', 'AUDIO', 'IMAGE']) });

/** The three steps of an asset: ask for an upload URL, PUT the bytes there, make it an asset. */
export function createAssets(of: { outputs: OutputsServer; clock: () => Date; limitBytes?: number }) {
  const limit = of.limitBytes ?? LARGEST_BYTES;
  const assets = new Map<string, Asset>();
  const announced = new Map<string, { fileName: string; size: number }>();

  function askForUpload(body: unknown): Reply {
    const parsed = v.safeParse(UploadSchema, body);
    if (!parsed.success) return problem(400, { message: parsed.issues.map(({ message }) => message) });
    if (parsed.output.size > limit) return problem(413);
    const id = randomUUID();
    const url = of.outputs.expectUpload(id);
    announced.set(url, parsed.output);
    return json(201, { uploadUrl: `${url}?X-Amz-Signature=double`, url, expiresIn: UPLOAD_LIFE_SECONDS });
  }

  function make(body: unknown): Reply {
    const parsed = v.safeParse(AssetSchema, body);
    if (!parsed.success) return problem(400, { message: parsed.issues.map(({ message }) => message) });
    const { url, type } = parsed.output;
    const upload = announced.get(url);
    const bytes = of.outputs.uploads.get(url.slice(of.outputs.url.length + 1));
    if (upload !== undefined && bytes?.length !== upload.size) {
      return problem(400, { message: 'The file was not uploaded, or not as long as was said.' });
    }
    const createdAt = of.clock().toISOString();
    const asset: Asset = { id: randomUUID(), url, type, name: upload?.fileName ?? null, createdAt };
    assets.set(asset.id, asset);
    return json(201, shown(asset));
  }

  const shown = (asset: Asset) => ({
    ...asset,
    updatedAt: asset.createdAt,
    inputType: announced.has(asset.url) ? 'UPLOAD' : 'URL',
    visibility: 'USER',
  });

  return {
    assets,
    answer(request: Received, rest: string | undefined): Reply {
      const isPost = request.method === 'POST';
      if (isPost && rest === 'upload') return askForUpload(JSON.parse(request.body.toString()));
      if (isPost && rest === undefined) return make(JSON.parse(request.body.toString()));
      if (rest === undefined) {
        const items = [...assets.values()].map(shown);
        return json(200, { items, totalCount: items.length });
      }
      const asset = assets.get(rest);
      return asset === undefined ? problem(404, { message: 'Asset not found' }) : json(200, shown(asset));
    },
  };
}
