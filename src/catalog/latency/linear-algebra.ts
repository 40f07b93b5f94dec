/**
 * Lower triangular factor L of a symmetric positive definite matrix A = L·Lᵀ.
 * @param matrix `size × size`, row by row; only its lower triangle is read.
 * @throws Error when the matrix is not positive definite.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column]!;
      for (let k = 0; k < column; k += 1) sum -= factor[row * size + k]! * factor[column * size + k]!;
      if (row !== column) factor[row * size + column] = sum / factor[column * size + column]!;
      else if (sum > 0) factor[row * size + row] = Math.sqrt(sum);
      else throw new Error(`the matrix is not positive definite (row ${row})`);
    }
  }
  return factor;
}

/** Solves A·x = b for the A whose Cholesky factor is given. */
export function solveFactored(factor: Float64Array, size: number, right: Float64Array): Float64Array {
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    let sum = x[row]!;
    for (let k = 0; k < row; k += 1) sum -= factor[row * size + k]! * x[k]!;
    x[row] = sum / factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = x[row]!;
    for (let k = row + 1; k < size; k += 1) sum -= factor[k * size + row]! * x[k]!;
    x[row] = sum / factor[row * size + row]!;
  }
  return x;
}

/** The inverse of the A whose Cholesky factor is given, `size × size`, row by row. */
export function invertFactored(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let column = 0; column < size; column += 1) {
    unit.fill(0);
    unit[column] = 1;
    inverse.set(solveFactored(factor, size, unit), column * size);
  }
  return inverse;
}
