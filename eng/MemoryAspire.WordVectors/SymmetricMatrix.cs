namespace MemoryAspire.WordVectors;

/// <summary>The eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations.</summary>
internal static class SymmetricMatrix
{
    private const int SweepsMax = 50;

    public static (double[] Values, double[][] Vectors) Eigen(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var vectors = new double[n][];
        for (var i = 0; i < n; i++) (vectors[i] = new double[n])[i] = 1;
        for (var sweep = 0; sweep < SweepsMax && !IsDiagonal(matrix); sweep++)
        {
            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++) Rotate(matrix, vectors, p, q);
            }
        }

        if (!IsDiagonal(matrix)) throw new InvalidOperationException("The eigenvalues did not converge.");
        return ([.. Enumerable.Range(0, n).Select(i => matrix[i, i])], vectors);
    }

    private static bool IsDiagonal(double[,] matrix)
    {
        double outside = 0, diagonal = 0;
        for (var row = 0; row < matrix.GetLength(0); row++)
        {
            for (var column = 0; column < matrix.GetLength(0); column++)
            {
                var square = matrix[row, column] * matrix[row, column];
                if (row == column) diagonal += square;
                else outside += square;
            }
        }

        return outside <= diagonal * 1e-24;
    }

    private static void Rotate(double[,] matrix, double[][] vectors, int p, int q)
    {
        if (matrix[p, q] == 0) return;
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var tangent = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        for (var k = 0; k < vectors.Length; k++)
        {
            (matrix[k, p], matrix[k, q]) = Turn(matrix[k, p], matrix[k, q], cosine, sine);
        }

        for (var k = 0; k < vectors.Length; k++)
        {
            (matrix[p, k], matrix[q, k]) = Turn(matrix[p, k], matrix[q, k], cosine, sine);
            (vectors[p][k], vectors[q][k]) = Turn(vectors[p][k], vectors[q][k], cosine, sine);
        }
    }

    private static (double P, double Q) Turn(double p, double q, double cosine, double sine) =>
        ((cosine * p) - (sine * q), (sine * p) + (cosine * q));
}
