using System.Runtime.InteropServices;
using System.Text;

namespace MemoryAspire.Embeddings.Tests.Onnx;

/// <summary>
/// A directory with a real, very small ONNX model: every token's state is a row of a table (one Gather). Written in
/// protobuf's wire format by hand, field numbers as in onnx.proto.
/// </summary>
internal sealed class TinyModel : IDisposable
{
    private const int Int64 = 7;
    private const int Float = 1;

    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tea", "cup", "##s"];

    /// <summary>The states of [CLS] and [SEP] are zeros; a padding that is not left out would show.</summary>
    private static readonly float[] Table = [100, 100, 0, 9, 0, 0, 0, 0, 50, 50, 4, 0, 0, 8, 2, 2];

    public TinyModel(bool segments = true)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("memory-onnx-").FullName;
        File.WriteAllLines(Path.Combine(Directory, "vocab.txt"), Vocabulary);
        File.WriteAllBytes(Path.Combine(Directory, "model.onnx"), Model(segments));
    }

    public string Directory { get; }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private static byte[] Model(bool segments) => [
        .. Number(1, 8),
        .. Message(8, [.. Text(1, ""), .. Number(2, 13)]),
        .. Message(7, [
            .. Message(1, [.. Text(1, "table"), .. Text(1, "input_ids"), .. Text(2, "last_hidden_state"), .. Text(4, "Gather")]),
            .. Text(2, "tiny"),
            .. Message(5, [.. Number(1, Vocabulary.Length), .. Number(1, 2), .. Number(2, Float), .. Text(8, "table"),
                .. Message(9, MemoryMarshal.AsBytes<float>(Table).ToArray())]),
            .. Message(11, Tensor("input_ids", Int64, Named("batch"), Named("sequence"))),
            .. Message(11, Tensor("attention_mask", Int64, Named("batch"), Named("sequence"))),
            .. segments ? Message(11, Tensor("token_type_ids", Int64, Named("batch"), Named("sequence"))) : [],
            .. Message(12, Tensor("last_hidden_state", Float, Named("batch"), Named("sequence"), Number(1, 2))),
        ]),
    ];

    private static byte[] Tensor(string name, int type, params byte[][] dimensions) =>
        [.. Text(1, name), .. Message(2, Message(1, [.. Number(1, type), .. Message(2, [.. dimensions.SelectMany(dimension => Message(1, dimension))])]))];

    private static byte[] Named(string dimension) => Text(2, dimension);

    private static byte[] Text(int field, string value) => Message(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Message(int field, byte[] value) => [.. Varint((field << 3) | 2), .. Varint(value.Length), .. value];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
