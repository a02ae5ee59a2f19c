/**
 * The project that the sample is copied from, made once in the background: in no list, and the same on all
 * machines of a database.
 */
export const SAMPLE_TEMPLATE_ID = '00000000-0000-7000-8000-5a0000000001';
