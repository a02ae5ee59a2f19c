import { edl } from './edl/edl.format';
import { otio } from './otio/otio.format';

/** The only list of export formats: one line each. */
export const exportFormats = [edl, otio];
