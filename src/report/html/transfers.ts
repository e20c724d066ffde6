import { sum } from '../../sum.ts';
import type { PlanDocument } from '../plan-document.ts';
import { bytes, count } from '../units.ts';
import { html } from './html.ts';
import { code, type Section, table, text } from './page.ts';
import { grouped, roughly } from './words.ts';

/** What goes over, how much it is, and how long it takes. */
export function transferSection({ prediction }: PlanDocument): Section {
  const { images, datasets, bytesPerSecond, isMeasured } = prediction;
  const rate = `${bytes(bytesPerSecond)} a second`;
  const registry = images[0]?.reference.split('/')[0];
  if (images.length + datasets.length === 0)
    return { id: 'transfers', title: 'What goes over the wire', body: html`<p>Nothing, or nothing that is known.</p>` };
  return {
    id: 'transfers',
    title: 'What goes over the wire',
    body: html`<p>${isMeasured ? `Times are by the link as it was measured: ${rate}.` : `Times assume ${rate}: an assumed rate, since there is no target yet to measure the link to.`}
All of this goes over while everything still runs${registry === undefined ? '' : `, images to ${registry}`}.</p>
${table(
  `Images to push: ${inAll('image', images)}`,
  sizeColumns('Image'),
  images.map((each) => [
    code(each.reference.replace(/^[^/]*\//, '')),
    text(bytes(each.bytes)),
    text(roughly(each.seconds)),
  ]),
)}
${table(
  `Datasets to copy: ${inAll('dataset', datasets)}`,
  [{ title: 'Dataset' }, { title: 'Entries', isNumber: true }, ...sizeColumns('').slice(1)],
  datasets.map((each) => [
    code(each.name),
    text(grouped(each.files)),
    text(bytes(each.bytes)),
    text(roughly(each.seconds)),
  ]),
)}`,
  };
}

const inAll = (noun: string, all: readonly { readonly bytes: number; readonly seconds: number }[]): string =>
  `${count(all.length, noun)}, ${bytes(sum(all.map((each) => each.bytes)))}, about ${roughly(sum(all.map(({ seconds }) => seconds)))}`;

const sizeColumns = (title: string) => [
  { title },
  { title: 'Size', isNumber: true as const },
  { title: 'Time', isNumber: true as const },
];
