/* Keeps the screen on while a book is read aloud: phones end the voice when it goes dark. Chrome since 84, HTTPS only. */

let lock = null,
  isWanted = false,
  isAsked = false;

export async function keepAwake(isOn) {
  isWanted = isOn;
  if (!isOn && lock) {
    lock.release();
    lock = null;
  } else if (isOn && !lock && !isAsked && navigator.wakeLock) {
    isAsked = true;
    try {
      const given = await navigator.wakeLock.request("screen");
      if (!isWanted) given.release();
      else lock = given;
    } catch (error) {
      console.warn(error); // the battery is low, say
    } finally {
      isAsked = false;
    }
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible")
    lock = null; // the browser has released it
  else if (isWanted) keepAwake(true);
});
