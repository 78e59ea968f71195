/** Under which the file lies in the store: says nothing, and puts a thousand messages into each folder. */
export function objectName(id: string): string {
  const thousands = Math.floor(Number(id.split("-")[0]) / 1000);
  return `${String(thousands).padStart(6, "0")}/${id}`;
}
