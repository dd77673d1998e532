import type { Span } from '../jinja/refusal.ts';

/** A tag of a text: what stands in it only Handlebars can read, only Jinja can, or both. */
interface Tag extends Span {
  readonly language: 'handlebars' | 'jinja' | 'both';
  readonly text: string;
}

/** The language of a text with tags in it; two when it mixes them, each with its first tag. */
export interface Language {
  readonly handlebars: Tag | undefined;
  readonly jinja: Tag | undefined;
}

const TAG =
  /\{\{!(?:--[\s\S]*?--|[\s\S]*?)\}\}|\{\{\{?((?:"[^"]*"|'[^']*'|[^"'}]|\}(?!\}))*)\}?\}\}|\{%[\s\S]*?%\}|(?<![{$])\{#[\s\S]*?#\}/g;

/** Which languages a text is in. A plain path such as `{{ site.name }}` belongs to either. */
export function languageOf(text: string): Language {
  const tags = [...text.matchAll(TAG)].map(([whole, inner], index, all) => {
    const start = all[index]?.index ?? 0;
    return { text: whole, start, end: start + whole.length, language: tagLanguage(whole, inner) };
  });
  return {
    handlebars: tags.find(({ language }) => language === 'handlebars'),
    jinja: tags.find(({ language }) => language === 'jinja'),
  };
}

/** True for a text that has something to fill in, also where it cannot be read. */
export function hasTemplate(text: string): boolean {
  return text.includes('{{') || /\{%.*%\}|(?<![{$])\{#.*#\}/s.test(text);
}

const HANDLEBARS = /^(?:[#/^!>&~*]|else\b)/;
const LITERAL = /^(?:"[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true|false|null|undefined)$/;
const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const HANDLEBARS_PATH =
  /^(?:\.\.?|this|(?:@|(?:\.\.?\/)+)?(?:[\w$][\w$-]*|\[[^\]]*\])(?:\.(?:[\w$-]+|\[[^\]]*\]))*)$/;
const HELPER_CALL =
  /^(?:default|optional)\s+[^|=(\s]|^(?:default|optional)\s+\(|^[\w.@/-]+\s+(?!(?:and|or|not|in|is|if|else)\b)["'\w@]/;

function tagLanguage(whole: string, inner: string | undefined): Tag['language'] {
  if (/^\{[%#]/.test(whole)) return 'jinja';
  if (inner === undefined || whole.startsWith('{{{')) return 'handlebars';
  if (/^\{\{[-+]|[-+]\}\}$/.test(whole)) return 'jinja';
  const words = inner.trim();
  if (HANDLEBARS.test(words)) return 'handlebars';
  if (/^omit$/.test(words) || /^not\b/.test(words)) return 'jinja';
  if (LITERAL.test(words) || PATH.test(words) || words === '') return 'both';
  return HANDLEBARS_PATH.test(words) || HELPER_CALL.test(words) ? 'handlebars' : 'jinja';
}
