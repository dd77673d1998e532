/** Waits for something that should come, but no longer than so many milliseconds; says whether it came. */
export async function within(milliseconds: number, event: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patienceEnds = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([event.then(() => true), patienceEnds]);
  } finally {
    clearTimeout(timer);
  }
}
