import type { Format } from '../contract/format.schema';
import type { Framing } from '../contract/window.schema';
import { type Placement, placePicture, type Size } from './framing.rules';
import type { VideoTrackInfo } from './media.types';
import { sourceMatrix, toneMapFilters } from './normalise.arguments';

/** A blurred background is made at an eighth of the size: it has no detail to lose. */
const blurShare = 8;
/** In pixels of the small picture: at full size about an eleventh of the frame's shorter side. */
const blurSigma = (format: Format) => Math.max(1, Math.min(format.width, format.height) / blurShare / 11);

/**
 * Filters that place a source's picture in the frame, in BT.709: one input, one output. Labels inside begin
 * with `f_`. `rate`: frames per second at this place of the chain.
 */
export function framingFilters(
  video: VideoTrackInfo,
  format: Format,
  framing: Framing,
  rate: number,
): string {
  const shown = { width: video.displayWidth, height: video.displayHeight };
  const placement = placePicture(shown, format, framing);
  const whole = toneMapping(video);
  const picture = pictureChain(video, shown, placement);
  if (placement.covers) return [...whole, ...picture].join(',');
  const { at } = placement;
  if (framing.background === 'blur') {
    const start = [...whole, 'split[f_all][f_copy]'].join(',');
    const background = blurredChain(video, shown, format).join(',');
    return [
      start,
      `[f_copy]${background}[f_back]`,
      `[f_all]${picture.join(',')}[f_front]`,
      `[f_back][f_front]overlay=${at.x}:${at.y}:format=yuv420`,
    ].join(';');
  }
  if (framing.background === '#000000') {
    const pad = `pad=${format.width}:${format.height}:${at.x}:${at.y}`;
    return [...whole, ...picture, pad].join(',');
  }
  return [
    `${[...whole, ...picture].join(',')}[f_front]`,
    `${colourSource(framing.background, format, rate)}[f_back]`,
    `[f_back][f_front]overlay=${at.x}:${at.y}:format=yuv420:shortest=1`,
  ].join(';');
}

/** HDR becomes BT.709 before anything else. */
const toneMapping = (video: VideoTrackInfo) => (video.hdr === null ? [] : toneMapFilters(video.hdr));

function pictureChain(video: VideoTrackInfo, shown: Size, placement: Placement): string[] {
  const { source, scaled, crop } = placement;
  const isCropped =
    crop.x !== 0 || crop.y !== 0 || crop.width !== scaled.width || crop.height !== scaled.height;
  return [
    // The stored pixels may not be square: the part is counted in shown ones.
    ...(source === null
      ? []
      : [
          `scale=${shown.width}:${shown.height}:flags=bicubic`,
          `crop=${source.width}:${source.height}:${source.x}:${source.y}`,
        ]),
    scaleTo(video, scaled),
    'format=yuv420p',
    ...(isCropped ? [`crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}`] : []),
  ];
}

function blurredChain(video: VideoTrackInfo, shown: Size, format: Format): string[] {
  const small = {
    ...format,
    width: Math.max(16, 2 * Math.round(format.width / blurShare / 2)),
    height: Math.max(16, 2 * Math.round(format.height / blurShare / 2)),
  };
  const cover = placePicture(shown, small, { mode: 'fill', background: 'blur', x: 0.5, y: 0.5, scale: 1 });
  return [
    ...pictureChain(video, shown, cover),
    `gblur=sigma=${blurSigma(format).toFixed(2)}`,
    `scale=${format.width}:${format.height}:flags=bicubic`,
    'setsar=1',
  ];
}

function scaleTo(video: VideoTrackInfo, { width, height }: Size): string {
  const matrix = video.hdr === null ? sourceMatrix(video) : 'bt709';
  const input = matrix === null ? '' : `:in_color_matrix=${matrix}`;
  return `scale=${width}:${height}:flags=bicubic${input}:out_color_matrix=bt709:out_range=tv`;
}

/**
 * A still frame of one colour, repeated. The colour is turned into BT.709 by the scaler: `pad` and `color`
 * would use BT.601 in some versions of ffmpeg.
 */
function colourSource(colour: string, format: Format, rate: number): string {
  const { width, height } = format;
  return [
    `color=c=0x${colour.slice(1)}:s=${width}x${height}:r=${rate}:d=1`,
    'trim=end_frame=1',
    'format=gbrp',
    'scale=out_color_matrix=bt709:out_range=tv',
    'format=yuv420p',
    'setsar=1',
    'loop=loop=-1:size=1',
  ].join(',');
}
