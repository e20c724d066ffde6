import { styleText } from 'node:util';

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Colour where the stream is a terminal, and NO_COLOR (https://no-color.org) is not set. */
export const painter = (stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv = process.env): Paint =>
  stream.isTTY === true && !environment.NO_COLOR ? (style, text) => styleText(style, text) : (_, text) => text;
