/** The coefficients that bring `rows · coefficients` nearest to `wanted`: normal equations, Gauss-Jordan. */
export function leastSquares(rows: readonly (readonly number[])[], wanted: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (_, j) =>
      rows.reduce((sum, row, r) => sum + (row[i] ?? 0) * (j < size ? (row[j] ?? 0) : (wanted[r] ?? 0)), 0),
    ),
  );
  for (let i = 0; i < size; i++) {
    const pivot = matrix
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i] ?? 0) > Math.abs(matrix[best]?.[i] ?? 0) ? i + k : best), i);
    const pivotRow = matrix[pivot] ?? [];
    matrix[pivot] = matrix[i] ?? [];
    matrix[i] = pivotRow;
    for (const row of matrix) {
      if (row === pivotRow) continue;
      const factor = (row[i] ?? 0) / (pivotRow[i] ?? 1);
      for (let j = i; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (pivotRow[j] ?? 0);
    }
  }
  return matrix.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}
