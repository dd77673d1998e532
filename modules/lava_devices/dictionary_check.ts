/**
 * Shell that fails when LAVA could not use the device dictionary `$file`: the file is rendered and held against
 * LAVA's schema as by `lava-server manage devices check`, which reads it only when it is in place and takes 1.5 s.
 */
export const DICTIONARY_CHECK = `# LAVA could not use it as a device dictionary
/usr/bin/python3 -I - "$file" <<'LAVA_PLAY_CHECK'
import os, sys
import jinja2, yaml
from jinja2.sandbox import SandboxedEnvironment
path = sys.argv[1]
etc = "/etc/lava-server/dispatcher-config/"
loader = jinja2.ChoiceLoader([
    jinja2.FileSystemLoader(os.path.dirname(path)),
    jinja2.FileSystemLoader([etc + "devices", etc + "device-types", "/usr/share/lava-server/device-types"])])
environment = SandboxedEnvironment(loader=loader, autoescape=False, trim_blocks=True)
name = os.path.basename(path)
def say(where, words):
    sys.exit("%s: %s" % (where, str(words).strip().split("\\n")[0]))
try:
    text = environment.get_template(name).render()
except jinja2.TemplateSyntaxError as error:
    say("%s, line %s" % (os.path.basename(error.filename or name), error.lineno), error)
except jinja2.TemplateNotFound as error:
    say(name, "there is no template %s" % error)
except Exception as error:
    say(name, error)
try:
    data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
except yaml.YAMLError as error:
    mark = getattr(error, "problem_mark", None)
    line = text.split("\\n")[mark.line].strip() if mark and mark.line < text.count("\\n") else ""
    say("%s does not render to YAML" % name, "%s: %s" % (getattr(error, "problem", error), line))
import voluptuous
from lava_common.schemas.device import validate
try:
    validate(data)
except voluptuous.Invalid as error:
    say("%s is not a device" % name, error)
LAVA_PLAY_CHECK`;
