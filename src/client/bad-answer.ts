/** An answer that is no answer. The message goes on from the server's URL: "sent what is no JSON: <html>". */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}
