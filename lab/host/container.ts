/** Shell that succeeds in a container, whose clock, load and memory are those of the machine around it. */
export const IN_CONTAINER =
  '{ [ -e /run/systemd/container ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ]; }';
