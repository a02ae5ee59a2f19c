/** Whether the studio lets this browser in. The client tells it of every refusal. */
class Access {
  /** The studio wants a token that this browser has not, or not any more. */
  needsToken = $state(false);
}

export const access = new Access();
