using System.Net;
using System.Text.Json;
using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestStores;

/// <summary>
/// A provider of embeddings on loopback, by Ollama's protocol: four dimensions, the same vector for the same words. It can be away.
/// </summary>
public sealed class EmbeddingServer : IAsyncDisposable
{
    public const int Dimension = 4;

    private readonly HttpListener listener;
    private readonly Task serving;
    private int requests;

    private EmbeddingServer(HttpListener listener)
    {
        this.listener = listener;
        serving = ServeAsync();
    }

    public Uri Address => new(listener.Prefixes.Single());

    /// <summary>While true, every request is answered with 503.</summary>
    public bool IsAway { get; set; }

    public int Requests => Volatile.Read(ref requests);

    /// <summary>What makes the service use this provider.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("Embeddings:Provider", "Ollama"), new("Embeddings:Model", "test"), new("Embeddings:Dimensions", "4"), new("Embeddings:Endpoint", Address.ToString()),
    ];

    public static EmbeddingServer Start()
    {
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{LoopbackPort.Free()}/");
        listener.Start();
        return new EmbeddingServer(listener);
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        Interlocked.Increment(ref requests);
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.InputStream);
        try
        {
            context.Response.StatusCode = IsAway ? 503 : 200;
            context.Response.ContentType = "application/json";
            var embeddings = request.GetProperty("input").EnumerateArray().Select(text => Vector(text.GetString()!)).ToList();
            if (!IsAway) await JsonSerializer.SerializeAsync(context.Response.OutputStream, new { model = "test", embeddings });
            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // The client has gone.
        }
    }

    private static float[] Vector(string text)
    {
        var vector = new float[Dimension];
        foreach (var character in text.Where(char.IsLetter)) vector[character % Dimension]++;
        return vector;
    }
}
