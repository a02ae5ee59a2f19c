/** Fields of each model's input, as the vendor documents them: type, default, allowed values. */
type Field = {
  type: string;
  default?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  items?: unknown;
};
type Fields = Record<string, Field>;

const uri: Field = { type: 'string', format: 'uri' };
const text: Field = { type: 'string' };
const seed: Field = { type: 'integer' };
const oneOf = (...values: (string | number)[]): Field => ({
  type: typeof values[0] === 'number' ? 'integer' : 'string',
  enum: values,
  default: values[0],
});

const inputs: Record<string, { required: string[]; fields: Fields }> = {
  'sync/lipsync-2-pro': lipsync2(),
  'sync/lipsync-2': lipsync2(),
  'kwaivgi/kling-lip-sync': { required: [], fields: { video_url: text, audio_file: uri } },
  'bytedance/latentsync': {
    required: ['video', 'audio'],
    fields: {
      video: uri,
      audio: uri,
      guidance_scale: { type: 'number', default: 1, minimum: 0, maximum: 10 },
      seed,
    },
  },
  'pixverse/lipsync': { required: ['video', 'audio'], fields: { video: uri, audio: uri } },
  'heygen/lipsync-precision': {
    required: ['video', 'audio'],
    fields: { video: uri, audio: uri, enable_dynamic_duration: { type: 'boolean', default: true } },
  },
  'google/imagen-4': {
    required: ['prompt'],
    fields: {
      prompt: text,
      aspect_ratio: oneOf('1:1', '9:16', '16:9', '3:4', '4:3'),
      safety_filter_level: oneOf('block_only_high', 'block_medium_and_above', 'block_low_and_above'),
      output_format: oneOf('jpg', 'png'),
    },
  },
  'google/nano-banana-pro': {
    required: ['prompt'],
    fields: {
      prompt: text,
      image_input: { type: 'array', items: uri, default: [] },
      aspect_ratio: oneOf(
        'match_input_image',
        '1:1',
        '2:3',
        '3:2',
        '3:4',
        '4:3',
        '4:5',
        '5:4',
        '9:16',
        '16:9',
        '21:9',
      ),
      resolution: oneOf('2K', '1K', '4K'),
      output_format: oneOf('jpg', 'png'),
    },
  },
  'black-forest-labs/flux-1.1-pro': {
    required: ['prompt'],
    fields: {
      prompt: text,
      image_prompt: uri,
      aspect_ratio: oneOf('1:1', '16:9', '9:16', '4:5', '5:4', '3:2', '2:3', '4:3', '3:4'),
      seed,
      output_format: oneOf('webp', 'jpg', 'png'),
    },
  },
  'black-forest-labs/flux-kontext-pro': {
    required: ['prompt'],
    fields: {
      prompt: text,
      input_image: uri,
      aspect_ratio: oneOf('match_input_image', '1:1', '16:9', '9:16', '4:3', '3:4', '3:2', '2:3'),
      seed,
      output_format: oneOf('png', 'jpg'),
    },
  },
  'black-forest-labs/flux-schnell': {
    required: ['prompt'],
    fields: {
      prompt: text,
      aspect_ratio: oneOf('1:1', '16:9', '9:16', '4:5', '5:4', '3:2', '2:3', '4:3', '3:4'),
      seed,
      num_outputs: { type: 'integer', default: 1 },
      output_format: oneOf('webp', 'jpg', 'png'),
    },
  },
  'google/veo-3.1': {
    required: ['prompt'],
    fields: { ...veo(), reference_images: { type: 'array', items: uri, default: [] } },
  },
  'google/veo-3.1-fast': { required: ['prompt'], fields: veo() },
  'bytedance/seedance-1-pro': {
    required: ['prompt'],
    fields: {
      prompt: text,
      image: uri,
      last_frame_image: uri,
      duration: { type: 'integer', default: 5, minimum: 2, maximum: 12 },
      resolution: oneOf('1080p', '480p', '720p'),
      aspect_ratio: oneOf('16:9', '4:3', '1:1', '3:4', '9:16', '21:9'),
      fps: oneOf(24),
      camera_fixed: { type: 'boolean', default: false },
      seed,
    },
  },
  'kwaivgi/kling-v2.5-turbo-pro': {
    required: ['prompt'],
    fields: {
      prompt: text,
      start_image: uri,
      end_image: uri,
      duration: oneOf(5, 10),
      aspect_ratio: oneOf('16:9', '9:16', '1:1'),
      negative_prompt: text,
    },
  },
  'minimax/hailuo-02': {
    required: ['prompt'],
    fields: {
      prompt: text,
      first_frame_image: uri,
      last_frame_image: uri,
      duration: oneOf(6, 10),
      resolution: oneOf('1080p', '512p', '768p'),
      prompt_optimizer: { type: 'boolean', default: true },
    },
  },
};

function lipsync2() {
  const fields: Fields = {
    video: uri,
    audio: uri,
    sync_mode: oneOf('loop', 'bounce', 'cut_off', 'silence', 'remap'),
    temperature: { type: 'number', default: 0.5, minimum: 0, maximum: 1 },
    active_speaker: { type: 'boolean', default: false },
  };
  return { required: ['video', 'audio'], fields };
}

function veo(): Fields {
  return {
    prompt: text,
    aspect_ratio: oneOf('16:9', '9:16'),
    duration: oneOf(8, 4, 6),
    image: uri,
    last_frame: uri,
    negative_prompt: text,
    resolution: oneOf('1080p', '720p'),
    generate_audio: { type: 'boolean', default: true },
    seed,
  };
}

/** Models of the community: only a version creates, the models route gives 404. */
export const communityVersions: Record<string, string> = {
  'bytedance/latentsync': '637ce1919f807ca20da3a448ddc2743535d2853649574cd52a933120e9b9e293',
};

const uriOutput = { type: 'string', format: 'uri', title: 'Output' };
const listOutput = { type: 'array', items: { type: 'string', format: 'uri' }, title: 'Output' };

/** Each model's OpenAPI document, as `latest_version.openapi_schema` has it. */
export const modelSchemas: Record<string, object> = Object.fromEntries(
  Object.entries(inputs).map(([model, { required, fields }]) => [
    model,
    {
      openapi: '3.0.2',
      info: { title: 'Cog', version: '0.1.0' },
      components: {
        schemas: {
          Input: { type: 'object', title: 'Input', required, properties: fields },
          Output: model === 'black-forest-labs/flux-schnell' ? listOutput : uriOutput,
        },
      },
    },
  ]),
);

/** Names of a model's fields; null for models that the double has no schema of. */
export const fieldsOf = (model: string): string[] | null =>
  inputs[model] === undefined ? null : Object.keys(inputs[model].fields);

/** What is wrong with an input by the model's schema; null when it is good or the model unknown. */
export function inputProblem(
  model: string,
  input: Record<string, unknown>,
): { field: string; description: string } | null {
  const schema = inputs[model];
  if (schema === undefined) return null;
  for (const name of schema.required) {
    if (input[name] === undefined) return { field: name, description: `${name} is required` };
  }
  for (const [name, field] of Object.entries(schema.fields)) {
    const value = input[name];
    if (value === undefined) continue;
    if (field.enum !== undefined && !field.enum.includes(value)) {
      return {
        field: name,
        description: `${name} must be one of the following: ${JSON.stringify(field.enum)}`,
      };
    }
    const kind = Array.isArray(value) ? 'array' : typeof value;
    if (kind !== (field.type === 'integer' ? 'number' : field.type)) {
      return { field: name, description: `Invalid type. Expected: ${field.type}, given: ${kind}` };
    }
    if (typeof value !== 'number') continue;
    if (field.type === 'integer' && !Number.isInteger(value)) {
      return { field: name, description: 'Invalid type. Expected: integer, given: number' };
    }
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = field;
    if (value < minimum || value > maximum) {
      return { field: name, description: `Must be between ${minimum} and ${maximum}` };
    }
  }
  return null;
}
