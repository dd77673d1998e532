/**
 * Shell that fails when LAVA could not use the device dictionary `$file`: the file is rendered by LAVA's own
 * environment and held against its schema, as by `lava-server manage devices check`, which reads it only when it is
 * in place and takes 1.5 s.
 *
 * The environment brings LAVA's filters and the folders of its settings. It is what `devices()` gives in 2023.01, and
 * `DEVICES_JINJA_ENV` in 2026.10 (lava_scheduler_app/environment.py).
 */
export const DICTIONARY_CHECK = `# LAVA could not use it as a device dictionary
/usr/bin/python3 -I - "$file" <<'LAVA_PLAY_CHECK'
import os, sys
path = sys.argv[1]
name = os.path.basename(path)
def first(words):
    return (str(words).strip().split("\\n") or [""])[0]
def say(where, words):
    sys.exit("%s: %s" % (where, first(words)))
os.environ["DJANGO_SETTINGS_MODULE"] = "lava_server.settings.prod"
try:
    import jinja2, voluptuous, yaml
    from lava_common.schemas.device import validate
    from lava_scheduler_app import environment as own
    known = own.DEVICES_JINJA_ENV if hasattr(own, "DEVICES_JINJA_ENV") else own.devices()
except Exception as error:
    say("LAVA's own way to read device dictionaries (lava_scheduler_app.environment) cannot be used",
        "%s: %s" % (type(error).__name__, first(error)))
folder = jinja2.FileSystemLoader(os.path.dirname(path))
environment = known.overlay(loader=jinja2.ChoiceLoader([folder, known.loader]), cache_size=0)
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
try:
    validate(data)
except voluptuous.Invalid as error:
    say("%s is not a device" % name, error)
LAVA_PLAY_CHECK`;
