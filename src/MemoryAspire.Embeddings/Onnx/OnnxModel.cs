using System.IO.Hashing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;

namespace MemoryAspire.Embeddings.Onnx;

/// <summary>A BERT-style model from a directory: its network, its WordPiece vocabulary and its name.</summary>
internal sealed class OnnxModel : IDisposable
{
    public const string ModelFile = "model.onnx";
    public const string VocabularyFile = "vocab.txt";

    private OnnxModel(InferenceSession session, BertTokenizer tokenizer, EmbeddingModel identity)
    {
        Session = session;
        Tokenizer = tokenizer;
        Identity = identity;
    }

    public InferenceSession Session { get; }

    public BertTokenizer Tokenizer { get; }

    public EmbeddingModel Identity { get; }

    /// <summary>Tells whether the network takes an input; segments, for example, are asked for by some only.</summary>
    public bool Takes(string input) => Session.InputMetadata.ContainsKey(input);

    /// <exception cref="InvalidDataException">The directory holds no usable model; the message names the setting at fault.</exception>
    public static OnnxModel Load(EmbeddingOptions options)
    {
        try
        {
            return LoadCore(options);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or ArgumentException or IOException)
        {
            throw new InvalidDataException($"Embeddings:Directory holds no usable model, {options.Directory}: {exception.Message}", exception);
        }
    }

    public void Dispose() => Session.Dispose();

    private static OnnxModel LoadCore(EmbeddingOptions options)
    {
        var directory = Path.GetFullPath(options.Directory!);
        var bytes = File.ReadAllBytes(Path.Combine(directory, ModelFile));
        var vocabulary = Path.Combine(directory, VocabularyFile);
        var session = new InferenceSession(bytes);
        var dimension = DimensionOf(session, options.Dimensions);
        var name = $"onnx:{options.Model ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(directory))}:{dimension}:{Fingerprint(bytes, vocabulary):x16}";
        return new(session, BertTokenizer.Create(vocabulary), new(name, dimension));
    }

    private static int DimensionOf(InferenceSession session, int? configured)
    {
        if (session.OutputNames.Count == 0) throw new InvalidDataException($"{ModelFile} has no output.");
        var shape = session.OutputMetadata[session.OutputNames[0]].Dimensions;
        var dimension = shape.Length > 0 && shape[^1] > 0 ? shape[^1] : configured;
        if (dimension is null) throw new InvalidDataException($"{ModelFile} does not say the length of its vectors: set Embeddings:Dimensions.");
        if (configured is { } wanted && wanted != dimension)
        {
            throw new InvalidDataException($"Embeddings:Dimensions is {wanted}, but the vectors of {ModelFile} have {dimension}.");
        }

        return dimension.Value;
    }

    /// <summary>Other weights or words under the same name make other vectors.</summary>
    private static ulong Fingerprint(byte[] model, string vocabulary)
    {
        var hash = new XxHash64();
        hash.Append(model);
        hash.Append(File.ReadAllBytes(vocabulary));
        return hash.GetCurrentHashAsUInt64();
    }
}
