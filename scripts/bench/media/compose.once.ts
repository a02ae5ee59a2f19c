import * as v from 'valibot';
import { FormatSchema } from '../../../api/contract/format.schema';
import { composeVideo } from '../../../api/media/compose';
import { makeJoinable } from '../../../api/media/joinable';
import { benchTools } from './bench.table';

/** One compose in a process of its own, so that its memory can be measured. Its argument, as JSON, says what is composed. */
const OrderSchema = v.object({
  clips: v.array(v.string()),
  /** Files to hash, as the cache key of every scene is looked up. */
  hashed: v.array(v.string()),
  masterPath: v.string(),
  aacPath: v.string(),
  format: FormatSchema,
  folder: v.string(),
  outputPath: v.string(),
});

const order = v.parse(OrderSchema, JSON.parse(process.argv[2] ?? '{}'));
const tools = await benchTools();
const started = performance.now();
for (const path of order.hashed) {
  const hash = new Bun.CryptoHasher('sha256');
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  hash.digest('hex');
}
const { folder, format, masterPath, aacPath, outputPath } = order;
const takes = await makeJoinable(tools, { paths: order.clips, format, folder });
const made = await composeVideo(tools, {
  takePaths: takes.paths,
  song: { masterPath, aacPath },
  format,
  outputPath,
  workDirectory: folder,
});
const milliseconds = performance.now() - started;
// Linux keeps the most memory that a process ever had; elsewhere there is no such file.
const status = await Bun.file('/proc/self/status')
  .text()
  .catch(() => '');
const mostBytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
console.log(JSON.stringify({ milliseconds, frames: made.frames, mostBytes }));
