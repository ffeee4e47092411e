/** Most topics of one stream, and most characters of them with their commas. */
export const STREAM_TOPICS = { most: 100, chars: 1000 };
