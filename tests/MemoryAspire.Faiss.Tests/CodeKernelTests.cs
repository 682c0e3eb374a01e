using MemoryAspire.Faiss.Kernels;

namespace MemoryAspire.Faiss.Tests;

public sealed class CodeKernelTests
{
    private const int Others = 7; // one block of four, and what is left

    [Fact]
    public void Every_kernel_gives_the_same_number_in_every_dimension()
    {
        var random = new Random(1);
        for (var dimension = 1; dimension <= 1537; dimension++) AssertExact(Random(random, dimension), Random(random, dimension * Others));
    }

    [Fact]
    public void The_greatest_parts_and_zeros_do_not_overflow()
    {
        foreach (var dimension in new[] { 1, 15, 16, 63, 64, 65, 384, 1537, 16_384 })
        {
            foreach (var (left, right) in new (sbyte, sbyte)[] { (127, 127), (-127, 127), (127, -127), (-127, -127), (0, 127), (-127, 0) })
            {
                AssertExact(Enumerable.Repeat(left, dimension).ToArray(), Enumerable.Repeat(right, dimension * Others).ToArray());
            }
        }
    }

    [Fact]
    public void Codes_and_scales_give_nearly_the_cosine()
    {
        var vectors = new Vectors(384, 3);
        for (var i = 0; i < 200; i++)
        {
            var (left, right) = (vectors.Next(), vectors.Next());
            Assert.Equal(Vectors.Cosine(left, right), CodeCosine(left, right), 0.003);
            Assert.Equal(1, CodeCosine(left, left), 0.003);
        }
    }

    [Theory]
    [InlineData(new float[] { float.Epsilon, 0 }, new sbyte[] { 127, 0 })]
    [InlineData(new float[] { 1e-40f, -1e-40f }, new sbyte[] { 127, -127 })]
    [InlineData(new float[] { 3e38f, -1.5e38f, 0, -0f }, new sbyte[] { 127, -64, 0, 0 })]
    [InlineData(new float[] { 1, 1e-30f }, new sbyte[] { 127, 0 })]
    public void Denormal_and_great_parts_have_codes(float[] vector, sbyte[] expected)
    {
        var codes = new sbyte[vector.Length];
        Assert.True(float.IsNormal(CodeKernels.Encode(vector, codes)));
        Assert.Equal(expected, codes);
    }

    [Fact]
    public void Plain_is_always_there_and_last() => Assert.Equal("plain", CodeKernels.Names[^1]);

    [Fact]
    public void What_has_no_code_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CodeKernels.Encode([0, 0], new sbyte[2]));
        Assert.Throws<ArgumentException>(() => CodeKernels.Encode([float.NaN, 0], new sbyte[2]));
        Assert.Throws<ArgumentException>(() => CodeKernels.Dots(99, [1], [1], new int[1]));
    }

    private static double CodeCosine(float[] left, float[] right)
    {
        var (a, b) = (new sbyte[left.Length], new sbyte[right.Length]);
        var scale = CodeKernels.Encode(left, a) * (double)CodeKernels.Encode(right, b);
        var dots = new int[1];
        CodeKernels.Dots(0, a, b, dots);
        return dots[0] * scale;
    }

    private static void AssertExact(sbyte[] query, sbyte[] codes)
    {
        var expected = Enumerable.Range(0, Others).Select(i => query.Zip(codes.Skip(i * query.Length), (a, b) => a * b).Sum()).ToArray();
        var dots = new int[Others];
        for (var kernel = 0; kernel < CodeKernels.Names.Count; kernel++)
        {
            CodeKernels.Dots(kernel, query, codes, dots);
            Assert.True(expected.SequenceEqual(dots), $"{CodeKernels.Names[kernel]}, {query.Length}");
        }
    }

    private static sbyte[] Random(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (sbyte)random.Next(-127, 128))];
}
