import { hasPlaceholder } from '../../values/sensitive.ts';
import { parseYaml } from '../yaml/yaml.ts';
import { bound } from './bound_arguments.ts';
import { jsonText } from './json_text.ts';
import { described } from './operators.ts';
import { wrongType } from './refusal.ts';
import type { Filter } from './tools.ts';
import { demand } from './values.ts';
import { yamlText } from './yaml_text.ts';

function readJson(input: unknown): unknown {
  const text = demand(input);
  if (typeof text !== 'string') throw wrongType(`from_json takes a text, not ${described(text)}`);
  if (hasPlaceholder(text)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongType('this is not JSON', error instanceof Error ? error.message : undefined);
  }
}

function readYaml(input: unknown): unknown {
  const text = demand(input);
  if (typeof text !== 'string' || hasPlaceholder(text)) return text;
  const { value, errors } = parseYaml(text, 'the text of from_yaml');
  const [first] = errors;
  if (first) throw wrongType(`this is not YAML: ${first.message}`, first.hint);
  return value ?? null;
}

/** Filters between values and JSON or YAML. */
export const dataFilters: Readonly<Record<string, Filter>> = {
  to_json(input, args) {
    const given = bound(args, 'indent', 'sort_keys', 'ensure_ascii');
    const indent = given.optionalNumber('indent', 0);
    return jsonText(input, {
      indent,
      sorts: given.flag('sort_keys'),
      isAscii: given.flag('ensure_ascii', 'true'),
    });
  },
  to_nice_json(input, args) {
    const given = bound(args, 'indent', 'sort_keys', 'ensure_ascii');
    const indent = given.optionalNumber('indent', 4);
    return jsonText(input, {
      indent,
      sorts: given.flag('sort_keys', 'true'),
      isAscii: given.flag('ensure_ascii', 'true'),
    });
  },
  tojson(input, args) {
    const indent = bound(args, 'indent').optionalNumber('indent', 0);
    return jsonText(input, { indent, sorts: true, isAscii: true }).replace(
      /[<>&']/g,
      (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
    );
  },
  from_json: readJson,
  to_yaml(input, args) {
    const given = bound(args, 'indent', 'sort_keys', 'width', 'default_flow_style');
    const isFlow = given.any('default_flow_style') !== false;
    return yamlText(input, {
      indent: given.optionalNumber('indent', 2),
      sorts: given.flag('sort_keys', 'true'),
      leaves: isFlow ? 'flow' : 'block',
    });
  },
  to_nice_yaml(input, args) {
    const given = bound(args, 'indent', 'sort_keys', 'width');
    return yamlText(input, {
      indent: given.optionalNumber('indent', 4),
      sorts: given.flag('sort_keys', 'true'),
      leaves: 'block',
    });
  },
  from_yaml: readYaml,
};
