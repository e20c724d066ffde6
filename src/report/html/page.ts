import { createHash } from 'node:crypto';
import { type Html, html, nothing } from './html.ts';
import { style } from './style.ts';

export interface Section {
  /** Leads to it from the table of contents. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

interface Page {
  readonly title: string;
  /** What it says in five seconds. */
  readonly lead: Html;
  readonly sections: readonly Section[];
  readonly foot: string;
}

/** One file that needs no other and no network. There is no script in it, and its policy lets none run. */
export const page = ({ title, lead, sections, foot }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand">ecsodus</p>
<h1>${title}</h1>
${lead}
</header>
<nav aria-label="Contents">
<ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul>
</nav>
<main id="main">
${sections.map(sectionOf)}
</main>
<footer>
<p>${foot}</p>
</footer>
</body>
</html>
`.markup;

/** Nothing is loaded from anywhere; the one style is known by its hash. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const sectionOf = ({ id, title, body }: Section): Html => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`;

export interface Column {
  readonly title: string;
  readonly isNumber?: true;
}

/** The first cell of a row says what the row is about. */
export const table = (caption: string, columns: readonly Column[], rows: readonly (readonly Html[])[]): Html =>
  html`<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, isNumber }) => html`<th scope="col"${numeric(isNumber)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map((cell, index) => cellOf(cell, index, columns[index]))}</tr>\n`)}</tbody>
</table>`;

const cellOf = (cell: Html, index: number, column: Column | undefined): Html =>
  index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${numeric(column?.isNumber)}>${cell}</td>`;

const numeric = (isNumber: true | undefined): Html => (isNumber ? html` class="number"` : nothing);

export const text = (words: string | number): Html => html`${words}`;
export const code = (words: string): Html => html`<code>${words}</code>`;

/** Figures that stand out, with a word below each. */
export const tiles = (entries: readonly (readonly [figure: string, word: string])[]): Html =>
  html`<dl class="tiles">${entries.map(([figure, word]) => html`<div><dt>${word}</dt><dd>${figure}</dd></div>`)}</dl>`;

/** What is folded away until somebody asks. */
export const folded = (summary: Html, body: Html): Html =>
  html`<details><summary>${summary}</summary>${body}</details>`;

/** A list of sentences, or what to say where there is none. */
export const sentences = (all: readonly string[], none: string): Html =>
  all.length === 0 ? html`<p>${none}</p>` : html`<ul>${all.map((each) => html`<li>${each}</li>`)}</ul>`;
