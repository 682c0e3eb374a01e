using MemoryAspire.Faiss.Kernels;

namespace MemoryAspire.Faiss.Tests;

public sealed class KernelTests
{
    [Fact]
    public void Every_kernel_agrees_with_the_exact_sum_in_every_dimension()
    {
        var random = new Random(1);
        for (var dimension = 1; dimension <= 1537; dimension++)
        {
            var left = Vector(random, dimension);
            var right = Vector(random, dimension);
            AssertAgree(left, right);
        }
    }

    [Fact]
    public void Zeros_denormals_and_large_numbers_agree()
    {
        float[] hard = [0, -0f, float.Epsilon, 1e-40f, 1e-20f, 1e15f, -1e15f, 1, -1];
        for (var dimension = 1; dimension <= 67; dimension++)
        {
            var left = Enumerable.Range(0, dimension).Select(i => hard[i % hard.Length]).ToArray();
            var right = Enumerable.Range(0, dimension).Select(i => hard[(i * 5) % hard.Length]).ToArray();
            AssertAgree(left, right);
        }
    }

    [Fact]
    public void Nothing_beyond_the_length_is_read()
    {
        for (var dimension = 1; dimension <= 130; dimension++)
        {
            var left = Enumerable.Repeat(float.NaN, 200).ToArray();
            var right = Enumerable.Repeat(float.NaN, 200).ToArray();
            left.AsSpan(3, dimension).Fill(1);
            right.AsSpan(5, dimension).Fill(2);
            for (var kernel = 0; kernel < DistanceKernels.Names.Count; kernel++)
            {
                Assert.Equal(2f * dimension, DistanceKernels.Dot(kernel, left.AsSpan(3, dimension), right.AsSpan(5, dimension)));
            }
        }
    }

    [Fact]
    public void Plain_is_always_there_and_last() => Assert.Equal("plain", DistanceKernels.Names[^1]);

    [Fact]
    public void A_kernel_that_is_not_there_is_refused() =>
        Assert.Throws<ArgumentException>(() => DistanceKernels.Dot(99, [1], [1]));

    private static void AssertAgree(float[] left, float[] right)
    {
        var exact = left.Zip(right, (a, b) => (double)a * b).Sum();
        var scale = left.Zip(right, (a, b) => Math.Abs((double)a * b)).Sum();
        for (var kernel = 0; kernel < DistanceKernels.Names.Count; kernel++)
        {
            var dot = DistanceKernels.Dot(kernel, left, right);
            Assert.True(Math.Abs(dot - exact) <= (1e-5 * scale) + 1e-37, $"{DistanceKernels.Names[kernel]}, {left.Length}: {dot}, not {exact}");
        }
    }

    private static float[] Vector(Random random, int dimension) =>
        [.. Enumerable.Range(0, dimension).Select(_ => (random.NextSingle() * 2) - 1)];
}
