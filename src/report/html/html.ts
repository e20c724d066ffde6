/** Markup, and no text that is still to be escaped. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

/** Markup in which every interpolated text is escaped, in content and in quoted attributes. */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = template.map((text, index) => (index === 0 ? text : render(values[index - 1] ?? '') + text));
  return { markup: parts.join('') };
}

export const nothing: Html = { markup: '' };

function render(value: Value): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that show as nothing, or turn around the text beside them. */
const unseen = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** The only place where text becomes markup. */
const escaped = (text: string): string =>
  text.replace(unseen, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '');
